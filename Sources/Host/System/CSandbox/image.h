/* A copy of a file in memory that nobody can change any more. */
#pragma once
#include "memory.h"

#ifndef F_SEAL_WRITE
#define F_SEAL_WRITE 8
#endif

/* A descriptor of `size` bytes copied from `bytes`, sealed against every change. -1 and errno if there is none. */
static inline int sandbox_sealed_copy(const char *name, const void *bytes, size_t size) {
    int descriptor = (int)syscall(SYS_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    size_t written = 0;
    while (written < size) {
        ssize_t count = write(descriptor, (const char *)bytes + written, size - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        written += (size_t)count;
    }
    if (written < size ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        int reason = errno;
        close(descriptor);
        errno = reason;
        return -1;
    }
    return descriptor;
}
