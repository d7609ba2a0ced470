/* What Swift's module of glibc leaves out: getopt_long(3), fts(3), and functions shown to _GNU_SOURCE only. */
#include <fts.h>
#include <getopt.h>
#include <spawn.h>
#include <stddef.h>

void *memmem(const void *haystack, size_t length, const void *needle, size_t count);
int memfd_create(const char *name, unsigned int flags);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags);
int syncfs(int descriptor);

enum { ccmc_rename_noreplace = 1, ccmc_memfd_cloexec = 1 };

/* The variables of getopt_long, which Swift 6 does not let anybody touch: one thread does, before there are others. */
static inline int ccmc_getopt_next(void) { return optind; }
static inline const char *ccmc_getopt_argument(void) { return optarg; }
static inline void ccmc_getopt_silent(void) { opterr = 0; }
