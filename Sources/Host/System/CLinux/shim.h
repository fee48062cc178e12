/* What Linux has and Swift's Glibc module does not show. */
#pragma once
#include <fcntl.h>
#include <malloc.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/random.h>

/* Names the calling thread; Linux keeps the first 15 bytes. prctl is variadic, which Swift cannot call. */
static inline void linux_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}

/* Whether `part` occurs in `whole`. memmem is a GNU function, which string.h hides from Swift's importer. */
extern void *memmem(const void *whole, size_t whole_bytes, const void *part, size_t part_bytes);
static inline int linux_contains(const void *whole, size_t whole_bytes, const void *part, size_t part_bytes) {
    return memmem(whole, whole_bytes, part, part_bytes) != NULL;
}

/* Bytes that malloc has handed out and not taken back, in all arenas. */
static inline size_t linux_heap_bytes_in_use(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

/* A pipe whose ends no other child inherits. pipe2 is a GNU function, too. */
extern int pipe2(int ends[2], int flags);
static inline int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }
