/* What glibc's malloc knows about itself, which Swift's Glibc module does not show. */
#pragma once
#include <malloc.h>
#include <stddef.h>

/* Bytes that malloc has handed out and not taken back, in all arenas. */
static inline size_t malloc_bytes_in_use(void) {
    struct mallinfo2 heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}
