/* Who was at work when the process came to its end. Each thread that runs foreign code has an alternate signal stack,
 * at whose beginning stands a `sandbox_witness`: found from the handler without any other state, and from the thread
 * that called exit as well. */
#pragma once
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* In shared memory, so that it outlives the process. Written once, read by the host afterwards. */
typedef struct sandbox_last_words {
    /* The signal; 256 if the thread called exit; 0 if it did nothing of the kind. */
    uint32_t cause;
    /* The number of the system call that was refused, for SIGSYS. */
    uint32_t system_call;
    /* 1 if there was no more memory to be had. */
    uint32_t is_full;
} sandbox_last_words;

enum { sandbox_called_exit = 256 };

typedef struct sandbox_witness {
    sandbox_last_words *words;
} sandbox_witness;

static inline void sandbox_testify(void *stack, uint32_t cause, uint32_t system_call) {
    if (!stack) return;
    sandbox_last_words *words = ((sandbox_witness *)stack)->words;
    words->system_call = system_call;
    /* A little more than what a plugin can have failed to get; by system call, since a handler may not allocate. */
    long probe = syscall(SYS_mmap, NULL, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);
    words->is_full = probe == -1;
    __atomic_store_n(&words->cause, cause, __ATOMIC_SEQ_CST);
}

/* For atexit. */
static inline void sandbox_testify_exit(void) {
    stack_t stack;
    if (sigaltstack(NULL, &stack) == 0 && !(stack.ss_flags & SS_DISABLE))
        sandbox_testify(stack.ss_sp, sandbox_called_exit, 0);
}

static inline void sandbox_on_signal(int number, siginfo_t *details, void *context) {
    uint32_t system_call = number == SIGSYS ? (uint32_t)details->si_syscall : 0;
    sandbox_testify(((ucontext_t *)context)->uc_stack.ss_sp, (uint32_t)number, system_call);
    /* The handler is gone (SA_RESETHAND); this one comes when the handler returns. */
    raise(number);
}

/* For the whole process. */
static inline void sandbox_watch_crashes(void) {
    static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS, SIGXFSZ};
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = sandbox_on_signal;
    action.sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
    for (unsigned index = 0; index < sizeof numbers / sizeof *numbers; index++)
        sigaction(numbers[index], &action, NULL);
}

/* For the calling thread. stack: of `size` bytes, never freed while the thread runs. */
static inline int sandbox_watch_thread(void *stack, uint64_t size, sandbox_last_words *words) {
    ((sandbox_witness *)stack)->words = words;
    /* The witness stands at the low end, which a stack that grows downward reaches last. */
    stack_t alternate = {.ss_sp = stack, .ss_size = size, .ss_flags = 0};
    return sigaltstack(&alternate, NULL);
}
