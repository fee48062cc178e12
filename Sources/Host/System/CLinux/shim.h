/* What Linux has and Swift's Glibc module does not show. */
#pragma once
#include <sys/eventfd.h>
#include <sys/prctl.h>

/* Names the calling thread; Linux keeps the first 15 bytes. prctl is variadic, which Swift cannot call. */
static inline void linux_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, (unsigned long)name, 0, 0, 0);
}
