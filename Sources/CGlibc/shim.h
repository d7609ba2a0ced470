/* Functions of glibc that its headers show to _GNU_SOURCE only, and Swift's module of it does not. */
#include <stddef.h>

void *memmem(const void *haystack, size_t length, const void *needle, size_t count);
int renameat2(int from_directory, const char *from, int to_directory, const char *to, unsigned int flags);
int syncfs(int descriptor);
int close_range(unsigned int first, unsigned int last, int flags);

enum { ccmc_rename_noreplace = 1 };
