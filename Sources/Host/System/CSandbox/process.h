/* A child of ours: told apart by a descriptor, so that a signal never goes to whoever got its number next. */
#pragma once
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* glibc 2.34 and later; its header shows it to GNU sources alone. */
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

/* The child begins with no descriptor from this one on. */
static inline void sandbox_close_from(posix_spawn_file_actions_t *actions, int from) {
    posix_spawn_file_actions_addclosefrom_np(actions, from);
}

static inline int sandbox_open_process(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

static inline void sandbox_kill(int process_descriptor) {
    syscall(SYS_pidfd_send_signal, process_descriptor, SIGKILL, NULL, 0);
}

/* Waits for the child's end and gives its status, as waitpid has it. */
static inline int sandbox_reap(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

/* Ends the calling process when the thread that started it ends. */
static inline int sandbox_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

/* No set-user-id program can give anything back that was taken away. Needed for the filters below. */
static inline int sandbox_gain_nothing(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

/* At most `most` of a resource (RLIMIT_...), never to be raised again. */
static inline int sandbox_limit(int resource, uint64_t most) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return -1;
    if (limit.rlim_max < most) most = limit.rlim_max;
    limit = (struct rlimit){most, most};
    return setrlimit(resource, &limit);
}

/* The resources' numbers, which Swift sees as members of an enumeration of glibc's. */
enum {
    sandbox_memory = RLIMIT_DATA,
    sandbox_stack_bytes = RLIMIT_STACK,
    sandbox_open_files = RLIMIT_NOFILE,
    sandbox_file_bytes = RLIMIT_FSIZE,
    sandbox_core_bytes = RLIMIT_CORE,
    sandbox_locked_bytes = RLIMIT_MEMLOCK
};
