/* Preloaded into servers under test, so that their clock can be stepped and their disk filled while they run.
 *
 * FAULT_CONTROL names a file of 16 bytes that the driver maps and changes: nanoseconds to add to the wall clock
 * (int64), then 1 while no file may grow (int32). The monotonic clock stays true, as it does when an operator sets
 * the time. On a full disk what lies inside a file can still be rewritten; what would make it longer fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    volatile int64_t clock_step_ns;
    volatile int32_t disk_is_full;
};

static const struct control nothing;
static const struct control *control = &nothing;

__attribute__((constructor)) static void map_control(void) {
    const char *path = getenv("FAULT_CONTROL");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof(struct control), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) control = mapped;
}

/* The next definition in load order, looked up once. */
#define NEXT(function)                  \
    static __typeof__(&function) next; \
    if (!next) next = (__typeof__(&function))dlsym(RTLD_NEXT, #function)

static void step(int64_t *seconds, int64_t *nanoseconds) {
    int64_t total = *seconds * 1000000000 + *nanoseconds + control->clock_step_ns;
    *seconds = total / 1000000000;
    *nanoseconds = total % 1000000000;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
    NEXT(clock_gettime);
    int result = next(clock, out);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t seconds = out->tv_sec, nanoseconds = out->tv_nsec;
        step(&seconds, &nanoseconds);
        out->tv_sec = seconds, out->tv_nsec = nanoseconds;
    }
    return result;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    NEXT(gettimeofday);
    int result = next(out, zone);
    if (result == 0) {
        int64_t seconds = out->tv_sec, nanoseconds = (int64_t)out->tv_usec * 1000;
        step(&seconds, &nanoseconds);
        out->tv_sec = seconds, out->tv_usec = nanoseconds / 1000;
    }
    return result;
}

time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}

static int has_no_room(int file, off_t end) {
    struct stat status;
    return control->disk_is_full && fstat(file, &status) == 0 && S_ISREG(status.st_mode) && end > status.st_size;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    NEXT(pwrite);
    if (has_no_room(file, offset + (off_t)count)) return errno = ENOSPC, -1;
    return next(file, bytes, count, offset);
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    NEXT(pwritev);
    off_t end = offset;
    for (int part = 0; part < count; part++) end += (off_t)parts[part].iov_len;
    if (has_no_room(file, end)) return errno = ENOSPC, -1;
    return next(file, parts, count, offset);
}
