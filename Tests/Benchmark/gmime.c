// The competitor that Tests/Benchmark/run measures: reads each message with GMime, decodes
// every part, and writes the message again.
//
//     gmime [-o DIRECTORY] LIST
//
// LIST names one message a line. With -o each message is written to one file in DIRECTORY,
// through stdio: GMime's own file-descriptor stream calls fsync at every flush, which would
// measure the disk. Without -o it is written to a stream that keeps nothing.

#include <errno.h>
#include <gmime/gmime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t decoded_bytes, parts, failed;

static void decode(GMimeObject *parent, GMimeObject *object, gpointer nothing) {
    (void)parent;
    (void)nothing;
    if (!GMIME_IS_PART(object))
        return;
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));
    if (content == NULL)
        return;
    GMimeStream *nowhere = g_mime_stream_null_new();
    ssize_t length = g_mime_data_wrapper_write_to_stream(content, nowhere);
    if (length > 0)
        decoded_bytes += (size_t)length;
    parts++;
    g_object_unref(nowhere);
}

static GMimeStream *output(const char *directory, const char *input) {
    if (directory == NULL)
        return g_mime_stream_null_new();
    const char *slash = strrchr(input, '/');
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, slash ? slash + 1 : input);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        fprintf(stderr, "gmime: %s: %s\n", path, strerror(errno));
        exit(73);
    }
    return g_mime_stream_file_new(file); // the stream closes the file
}

static void convert(const char *directory, const char *path) {
    GMimeStream *input = g_mime_stream_fs_open(path, 0, 0, NULL);
    if (input == NULL) {
        failed++;
        return;
    }
    GMimeParser *parser = g_mime_parser_new_with_stream(input);
    g_object_unref(input);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    if (message == NULL) {
        failed++;
        return;
    }
    g_mime_message_foreach(message, decode, NULL);
    GMimeStream *written = output(directory, path);
    if (g_mime_object_write_to_stream(GMIME_OBJECT(message), NULL, written) < 0 || g_mime_stream_flush(written) < 0) {
        fprintf(stderr, "gmime: %s: cannot write\n", path);
        exit(74);
    }
    g_object_unref(written);
    g_object_unref(message);
}

int main(int count, char **arguments) {
    const char *directory = NULL;
    for (int option; (option = getopt(count, arguments, "o:")) != -1;) {
        if (option != 'o')
            return 64;
        directory = optarg;
    }
    if (optind + 1 != count) {
        fprintf(stderr, "usage: gmime [-o DIRECTORY] LIST\n");
        return 64;
    }
    FILE *list = fopen(arguments[optind], "r");
    if (list == NULL) {
        fprintf(stderr, "gmime: %s: %s\n", arguments[optind], strerror(errno));
        return 66;
    }
    g_mime_init();
    char *line = NULL;
    size_t capacity = 0, messages = 0;
    for (ssize_t length; (length = getline(&line, &capacity, list)) > 0; messages++) {
        if (line[length - 1] == '\n')
            line[length - 1] = 0;
        convert(directory, line);
    }
    printf("%zu messages, %zu parts, %zu bytes decoded, %zu not read\n", messages, parts, decoded_bytes, failed);
    return 0;
}
