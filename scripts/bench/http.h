/* http.h - as much HTTP/1.1 as two programs of ours need with each other and with the platform:
 * a head that ends with an empty line, and a body of Content-Length bytes. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The value of a header field inside a head, or NULL. Not terminated: it ends at "\r\n". */
static inline const char *field(const char *head, const char *end, const char *name) {
    size_t length = strlen(name);
    const char *line = head;
    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        line += 1;
        if ((size_t)(end - line) > length && line[length] == ':' && strncasecmp(line, name, length) == 0) {
            const char *value = line + length + 1;
            while (value < end && *value == ' ') value += 1;
            return value;
        }
    }
    return NULL;
}

typedef struct message {
    const char *head;
    const char *body;
    size_t body_size;
    size_t size; /* of head and body together */
} message;

/* 1 if `bytes` begins with a complete message. `bytes` must be followed by a readable zero. */
static inline int complete_message(const char *bytes, size_t size, message *found) {
    const char *end = memmem(bytes, size, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    const char *length = field(bytes, end + 2, "content-length");
    found->head = bytes;
    found->body = end + 4;
    found->body_size = length == NULL ? 0 : strtoul(length, NULL, 10);
    found->size = (size_t)(found->body - bytes) + found->body_size;
    return found->size <= size;
}

#endif
