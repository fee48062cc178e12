/* Which system calls the process may make: two seccomp filters (Linux's Documentation/userspace-api/seccomp_filter).
 * The first is in force while the library is loaded, the second is added before its code is used. A filter can never
 * be taken back, and the strictest answer counts. What is not named is refused with EPERM; what only an attack would
 * try raises SIGSYS, which ends the process with the call's number in its last words. */
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SANDBOX_ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

/* Shown to GNU sources alone. */
#ifndef MAP_GROWSDOWN
#define MAP_GROWSDOWN 0x100
#endif

enum { sandbox_filter_instructions_max = 512 };

typedef struct sandbox_filter {
    struct sock_filter code[sandbox_filter_instructions_max];
    unsigned short length;
} sandbox_filter;

static inline void sandbox_emit(sandbox_filter *filter, uint16_t code, uint8_t if_true, uint8_t if_false, uint32_t k) {
    if (filter->length < sandbox_filter_instructions_max)
        filter->code[filter->length++] = (struct sock_filter){code, if_true, if_false, k};
}

static inline void sandbox_load_field(sandbox_filter *filter, size_t offset) {
    sandbox_emit(filter, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

/* The answer to one system call. The number is in the accumulator, and stays there. */
static inline void sandbox_answer(sandbox_filter *filter, uint32_t number, uint32_t answer) {
    sandbox_emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, number);
    sandbox_emit(filter, BPF_RET | BPF_K, 0, 0, answer);
}

/* The same, by the low half of an argument under a mask. */
static inline void sandbox_answer_if(sandbox_filter *filter, uint32_t number, int argument, uint32_t mask,
                                     uint32_t value, uint32_t equal, uint32_t different) {
    sandbox_emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, number);
    sandbox_load_field(filter, offsetof(struct seccomp_data, args) + 8 * (size_t)argument);
    sandbox_emit(filter, BPF_ALU | BPF_AND | BPF_K, 0, 0, mask);
    sandbox_emit(filter, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, value);
    sandbox_emit(filter, BPF_RET | BPF_K, 0, 0, equal);
    sandbox_emit(filter, BPF_RET | BPF_K, 0, 0, different);
}

static inline void sandbox_answer_all(sandbox_filter *filter, const uint32_t *numbers, size_t count, uint32_t answer) {
    for (size_t index = 0; index < count; index++) sandbox_answer(filter, numbers[index], answer);
}

#define SANDBOX_COUNT(list) (sizeof(list) / sizeof *(list))
#define SANDBOX_ERROR(number) (SECCOMP_RET_ERRNO | (number))

/* Computing, memory, time, chance, waiting, and ending. */
static inline void sandbox_allow_computing(sandbox_filter *filter) {
    static const uint32_t numbers[] = {
        SYS_futex, SYS_clock_nanosleep, SYS_nanosleep, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday,
        SYS_getrandom, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_brk, SYS_sched_yield, SYS_sched_getaffinity,
        SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_restart_syscall, SYS_rseq,
        SYS_set_robust_list, SYS_set_tid_address, SYS_membarrier, SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid,
        SYS_geteuid, SYS_getgid, SYS_getegid, SYS_uname, SYS_sysinfo, SYS_getrlimit, SYS_read, SYS_write, SYS_writev,
        SYS_close, SYS_fstat, SYS_lseek, SYS_exit, SYS_exit_group,
#ifdef SYS_time
        SYS_time,
#endif
    };
    sandbox_answer_all(filter, numbers, SANDBOX_COUNT(numbers), SECCOMP_RET_ALLOW);
    /* Neither shared memory nor a stack, which RLIMIT_DATA does not count. The first bit of MAP_SHARED_VALIDATE is
     * MAP_SHARED as well. For the same reason no mremap, by which the main thread's stack could grow; realloc copies
     * instead. */
    sandbox_answer_if(filter, SYS_mmap, 3, MAP_SHARED | MAP_GROWSDOWN, 0, SECCOMP_RET_ALLOW, SANDBOX_ERROR(EPERM));
    /* The limits of this process alone, which can only go down. By its number another process of the same user could
     * be given a limit that kills it, this host, say. */
    sandbox_answer_if(filter, SYS_prlimit64, 0, 0xFFFFFFFFu, 0, SECCOMP_RET_ALLOW, SANDBOX_ERROR(EPERM));
    /* A signal to this process alone, as abort sends it. */
    sandbox_answer_if(filter, SYS_tgkill, 0, 0xFFFFFFFFu, (uint32_t)getpid(), SECCOMP_RET_ALLOW, SECCOMP_RET_TRAP);
    sandbox_answer_if(filter, SYS_prctl, 0, 0xFFFFFFFFu, PR_SET_NAME, SECCOMP_RET_ALLOW, SANDBOX_ERROR(EPERM));
    /* glibc then uses clone, whose flags a filter can see. */
    sandbox_answer(filter, SYS_clone3, SANDBOX_ERROR(ENOSYS));
}

typedef struct sandbox_system_call {
    uint32_t number;
    const char *name;
} sandbox_system_call;

#define SANDBOX_CALL(name) {SYS_##name, #name}

/* Other programs, other processes, the kernel: no library does this by accident. */
static const sandbox_system_call sandbox_attacks[] = {
    SANDBOX_CALL(execve), SANDBOX_CALL(execveat), SANDBOX_CALL(ptrace), SANDBOX_CALL(process_vm_readv),
    SANDBOX_CALL(process_vm_writev), SANDBOX_CALL(kill), SANDBOX_CALL(tkill), SANDBOX_CALL(rt_sigqueueinfo),
    SANDBOX_CALL(rt_tgsigqueueinfo), SANDBOX_CALL(pidfd_open), SANDBOX_CALL(pidfd_getfd),
    SANDBOX_CALL(pidfd_send_signal), SANDBOX_CALL(unshare), SANDBOX_CALL(setns), SANDBOX_CALL(mount),
    SANDBOX_CALL(umount2), SANDBOX_CALL(pivot_root), SANDBOX_CALL(chroot), SANDBOX_CALL(bpf),
    SANDBOX_CALL(perf_event_open), SANDBOX_CALL(userfaultfd), SANDBOX_CALL(keyctl), SANDBOX_CALL(add_key),
    SANDBOX_CALL(request_key), SANDBOX_CALL(init_module), SANDBOX_CALL(finit_module), SANDBOX_CALL(delete_module),
    SANDBOX_CALL(kexec_load), SANDBOX_CALL(reboot), SANDBOX_CALL(io_uring_setup),
#ifdef SYS_fork
    SANDBOX_CALL(fork), SANDBOX_CALL(vfork),
#endif
};

static inline void sandbox_trap_attacks(sandbox_filter *filter) {
    for (size_t index = 0; index < SANDBOX_COUNT(sandbox_attacks); index++)
        sandbox_answer(filter, sandbox_attacks[index].number, SECCOMP_RET_TRAP);
}

/* The name of a system call that raises SIGSYS. */
static inline const char *sandbox_system_call_name(uint32_t number) {
    for (size_t index = 0; index < SANDBOX_COUNT(sandbox_attacks); index++)
        if (sandbox_attacks[index].number == number) return sandbox_attacks[index].name;
    /* With flags that start a process. */
    return number == SYS_clone ? "clone" : number == SYS_tgkill ? "tgkill" : "another";
}

/* What the dynamic linker needs, and a runtime that starts threads of its own when it is loaded. */
static inline void sandbox_allow_loading(sandbox_filter *filter) {
    static const uint32_t numbers[] = {
        SYS_pread64, SYS_readlinkat, SYS_faccessat, SYS_fcntl, SYS_getcwd, SYS_getdents64, SYS_statx,
        SYS_fstatfs, SYS_newfstatat,
#ifdef SYS_open
        SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_arch_prctl,
#endif
    };
    sandbox_answer_all(filter, numbers, SANDBOX_COUNT(numbers), SECCOMP_RET_ALLOW);
    const uint32_t writing = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
    sandbox_answer_if(filter, SYS_openat, 2, writing, 0, SECCOMP_RET_ALLOW, SANDBOX_ERROR(EACCES));
#ifdef SYS_open
    sandbox_answer_if(filter, SYS_open, 1, writing, 0, SECCOMP_RET_ALLOW, SANDBOX_ERROR(EACCES));
#endif
    sandbox_answer_if(filter, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD, SECCOMP_RET_ALLOW, SECCOMP_RET_TRAP);
}

/* After loading: no file at all, no thread. "No such file" is an answer that every library is prepared for. */
static inline void sandbox_forbid_loading(sandbox_filter *filter) {
    sandbox_answer_if(filter, SYS_clone, 0, CLONE_THREAD, CLONE_THREAD, SANDBOX_ERROR(EAGAIN), SECCOMP_RET_TRAP);
    sandbox_answer(filter, SYS_openat, SANDBOX_ERROR(ENOENT));
    /* Some versions of glibc make fstat of it, with an empty path. Whether the path is empty, a filter cannot see, and
     * a real one would tell what files there are. */
    sandbox_answer(filter, SYS_newfstatat, SANDBOX_ERROR(ENOENT));
#ifdef SYS_open
    static const uint32_t numbers[] = {SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink};
    sandbox_answer_all(filter, numbers, SANDBOX_COUNT(numbers), SANDBOX_ERROR(ENOENT));
#endif
}

/* Puts a filter in force for every thread of the process. loading: the first of the two. 0, or -1 with errno. */
static inline int sandbox_filter_system_calls(int loading) {
#ifdef SANDBOX_ARCHITECTURE
    sandbox_filter filter = {.length = 0};
    sandbox_load_field(&filter, offsetof(struct seccomp_data, arch));
    sandbox_emit(&filter, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SANDBOX_ARCHITECTURE);
    sandbox_emit(&filter, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS);
    sandbox_load_field(&filter, offsetof(struct seccomp_data, nr));
    /* Numbers of another table (x32, which counts from bit 30) find nothing below and are refused. */
    sandbox_allow_computing(&filter);
    if (loading)
        sandbox_allow_loading(&filter);
    else
        sandbox_forbid_loading(&filter);
    sandbox_trap_attacks(&filter);
    if (loading) {
        /* To put the second filter in force. */
        sandbox_answer(&filter, SYS_seccomp, SECCOMP_RET_ALLOW);
    }
    sandbox_emit(&filter, BPF_RET | BPF_K, 0, 0, SANDBOX_ERROR(EPERM));
    struct sock_fprog program = {filter.length, filter.code};
    if (filter.length == sandbox_filter_instructions_max) {
        errno = E2BIG;
        return -1;
    }
    long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
    /* A positive result is the thread that could not be brought under the filter. */
    if (result > 0) errno = EBUSY;
    return result == 0 ? 0 : -1;
#else
    (void)loading;
    errno = ENOSYS;
    return -1;
#endif
}
