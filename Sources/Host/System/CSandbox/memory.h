/* Memory that two processes share, and words in it that one can wait on. */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/memfd.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* glibc shows these to GNU sources alone, and the kernel's own header cannot stand beside glibc's. */
#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#define F_SEAL_SEAL 1
#define F_SEAL_SHRINK 2
#define F_SEAL_GROW 4
#endif

/* A descriptor of `size` bytes of memory whose size neither side can change: a mapping of it cannot be cut off.
 * -1 and errno if the system has none. */
static inline int sandbox_shared_memory(int64_t size) {
    int descriptor = (int)syscall(SYS_memfd_create, "hooksentry-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (descriptor < 0) return -1;
    if (ftruncate(descriptor, size) != 0 ||
        fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
        int reason = errno;
        close(descriptor);
        errno = reason;
        return -1;
    }
    return descriptor;
}

/* Sequentially consistent: a sleeper's flag and the word it sleeps on are seen in one order by both sides. */
static inline uint32_t sandbox_load(const uint32_t *word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }
static inline void sandbox_store(uint32_t *word, uint32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }

/* Tells the processor that this is a loop that waits. */
static inline void sandbox_pause(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Sleeps while the word has this value, at most this long (negative: as long as it takes). Can wake early. */
static inline void sandbox_futex_wait(const uint32_t *word, uint32_t value, int64_t nanoseconds) {
    struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    syscall(SYS_futex, word, FUTEX_WAIT, value, nanoseconds < 0 ? NULL : &time, NULL, 0);
}

static inline void sandbox_futex_wake_all(const uint32_t *word) {
    syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}
