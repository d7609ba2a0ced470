// The floor that Tests/Benchmark/run measures: what ccm-spool(7) asks of the file system for each
// message, and nothing else. No message is looked at; each result is a copy of its message.
//
//     floor [-s] QUEUE WORKERS
//
// Claims each message of QUEUE/in by a rename, reads it, writes a result, commits by a rename of
// the group's directory, and moves result and message on by one rename each. With -s the file
// system is synchronised before each commit and at the end, as a durable run does.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { group_size = 4096 };

static int queue, in, results, done, workers, durable;
static char **names;
static int count;

static void fail(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(74);
}

static int directory(int parent, const char *name) {
    if (mkdirat(parent, name, 0777) != 0 && errno != EEXIST)
        fail(name);
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        fail(name);
    return folder;
}

static void move(int from, const char *name, int to) {
    if (renameat2(from, name, to, name, RENAME_NOREPLACE) != 0)
        fail(name);
}

static void message(const char *name, int source, int out, char **room, size_t *size) {
    struct stat status;
    move(in, name, source);
    int file = openat(source, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        fail(name);
    if (*size < (size_t)status.st_size)
        *room = realloc(*room, *size = (size_t)status.st_size);
    ssize_t length = read(file, *room, *size);
    close(file);
    file = openat(out, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (length < 0 || file < 0 || write(file, *room, (size_t)length) != length || close(file) != 0)
        fail(name);
}

static void *work(void *argument) {
    int number = (int)(size_t)argument, groups = 0;
    char *room = NULL, name[32], committed[40];
    size_t size = 0;
    int parent = directory(queue, "work");
    for (int first = number; first < count; first += group_size * workers) {
        int end = first + group_size * workers < count ? first + group_size * workers : count;
        snprintf(name, sizeof name, "%d.%d", number, ++groups);
        int group = directory(parent, name), source = directory(group, "src"), out = directory(group, "out");
        for (int i = first; i < end; i += workers)
            message(names[i], source, out, &room, &size);
        if (durable)
            syncfs(queue);
        snprintf(committed, sizeof committed, "%s.commit", name);
        if (renameat2(parent, name, parent, committed, RENAME_NOREPLACE) != 0)
            fail(name);
        if (durable)
            fsync(parent);
        for (int i = first; i < end; i += workers)
            move(out, names[i], results);
        for (int i = first; i < end; i += workers)
            move(source, names[i], done);
        close(out), close(source), close(group);
    }
    free(room);
    return NULL;
}

int main(int argc, char **argv) {
    if ((durable = argc == 4 && strcmp(argv[1], "-s") == 0))
        argv++, argc--;
    if (argc != 3 || (workers = atoi(argv[2])) < 1 || workers > 64)
        return fprintf(stderr, "usage: floor [-s] QUEUE WORKERS\n"), 64;
    queue = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (queue < 0)
        fail(argv[1]);
    in = directory(queue, "in"), results = directory(queue, "results"), done = directory(queue, "done");

    DIR *list = fdopendir(dup(in));
    int room = 0;
    for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        if (count == room)
            names = realloc(names, (size_t)(room = room ? 2 * room : 1024) * sizeof *names);
        names[count++] = strdup(entry->d_name);
    }
    closedir(list);

    pthread_t threads[64];
    for (int i = 0; i < workers; i++)
        pthread_create(&threads[i], NULL, work, (void *)(size_t)i);
    for (int i = 0; i < workers; i++)
        pthread_join(threads[i], NULL);
    if (durable)
        syncfs(queue);
    return 0;
}
