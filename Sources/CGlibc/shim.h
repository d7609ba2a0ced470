/* What Swift's module of glibc leaves out: getopt_long(3), fts(3), variadic functions, and functions shown to
 * _GNU_SOURCE only. */
#include <errno.h>
#include <fts.h>
#include <getopt.h>
#include <linux/stat.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <syslog.h>

void *memmem(const void *haystack, size_t length, const void *needle, size_t count);
int memfd_create(const char *name, unsigned int flags);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
int prlimit(pid_t process, int resource, const struct rlimit *new_limit, struct rlimit *old_limit);
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags);
int syncfs(int descriptor);
long syscall(long number, ...);

enum { ccmc_rename_noreplace = 1, ccmc_memfd_cloexec = 1 };

/* Orphans among this process's descendants become its children, so that none is left behind. */
static inline int ccmc_adopt_orphans(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
/* The largest file that a process may write, in bytes. */
static inline int ccmc_limit_files(pid_t process, unsigned long bytes) {
  struct rlimit limit = {bytes, bytes};
  return prlimit(process, RLIMIT_FSIZE, &limit, 0);
}
/* The number of the mount that an open file is on. Returns 0, or -1 with an errno of statx(2); ENOSYS where the system
 * does not tell. */
static inline int ccmc_mount_id(int descriptor, uint64_t *mount) {
  enum { empty_path = 0x1000 };
  struct statx status;
  if (syscall(SYS_statx, descriptor, "", empty_path, STATX_MNT_ID, &status) != 0) return -1;
  if (!(status.stx_mask & STATX_MNT_ID)) {
    errno = ENOSYS;
    return -1;
  }
  *mount = status.stx_mnt_id;
  return 0;
}
static inline void ccmc_syslog(int priority, const char *text) { syslog(priority, "%s", text); }

/* The variables of getopt_long, which Swift 6 does not let anybody touch: one thread does, before there are others. */
static inline int ccmc_getopt_next(void) { return optind; }
static inline const char *ccmc_getopt_argument(void) { return optarg; }
static inline void ccmc_getopt_silent(void) { opterr = 0; }
