/* Does what its settings' note names, and is a good transformer without one: what isolation has to stop, and what it
 * has to survive. */
#define _GNU_SOURCE
#include "../support.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int could_read_when_loaded;
static int could_share_when_loaded;

/* Memory that RLIMIT_DATA does not count. */
static int is_mapped(int flags) {
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

__attribute__((constructor)) static void loaded(void) {
    int descriptor = open("/etc/passwd", O_RDONLY);
    could_read_when_loaded = descriptor >= 0;
    if (descriptor >= 0) close(descriptor);
    could_share_when_loaded = is_mapped(MAP_SHARED) || is_mapped(MAP_PRIVATE | MAP_GROWSDOWN);
}

static int is(hks_bytes note, const char *word) {
    return note.size == strlen(word) && memcmp(note.data, word, note.size) == 0;
}

static void *nothing(void *argument) { return argument; }

/* What the note is in {"note":"…"}. */
static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    int32_t status = good_create(host, settings, instance);
    const uint8_t *settings_end = settings.data + settings.size;
    const uint8_t *colon = memchr(settings.data, ':', settings.size);
    if (status != HKS_OK || !colon) return status;
    const uint8_t *start = (const uint8_t *)memchr(colon, '"', (size_t)(settings_end - colon)) + 1;
    const uint8_t *end = memchr(start, '"', (size_t)(settings_end - start));
    (*instance)->kept = (hks_bytes){(const uint8_t *)strndup((const char *)start, (size_t)(end - start)),
                                    (uint64_t)(end - start)};
    if (is((*instance)->kept, "die in create")) abort();
    while (is((*instance)->kept, "wait in create")) pause();
    return HKS_OK;
}

static void destroy(hks_instance *instance) {
    free((void *)instance->kept.data);
    free(instance);
}

static void follow_null(void) {
    volatile int *volatile nowhere = NULL;
    *nowhere = 1;
}

static void fill_memory(void) {
    for (;;) {
        void *more = malloc(1 << 20);
        if (!more) follow_null();
        memset(more, 1, 1 << 20);
    }
}

/* Counts in instance storage. */
static int32_t count(hks_instance *instance, const hks_sink *output) {
    const hks_host *host = instance->host;
    hks_bytes value;
    uint8_t number = 0;
    if (host->load(host, HKS_TEXT("n"), &value) == HKS_OK && value.size == 1) number = value.data[0];
    number += 1;
    host->store(host, HKS_TEXT("n"), (hks_bytes){&number, 1}, INT64_MAX);
    host->count(host, HKS_TEXT("counted"), 1);
    host->log(host, HKS_LOG_INFO, HKS_TEXT("counted"));
    return output->emit(output, (hks_bytes){&number, 1});
}

/* The name of what was refused, and why; or that it was not. */
static int32_t tell(hks_instance *instance, const char *what, int succeeded) {
    char sentence[200];
    if (succeeded) snprintf(sentence, sizeof sentence, "%s: allowed", what);
    else snprintf(sentence, sizeof sentence, "%s: %s", what, strerrorname_np(errno));
    return fail(instance, HKS_PERMANENT, sentence);
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    hks_bytes note = instance->kept;
    if (is(note, "tenth") && ++instance->calls % 10 == 0) follow_null();
    if (is(note, "null")) follow_null();
    if (is(note, "null in attempt one") && call->attempt_number == 1) follow_null();
    if (is(note, "memory")) fill_memory();
    if (is(note, "exit")) exit(3);
    if (is(note, "_exit")) _exit(4);
    if (is(note, "hang"))
        for (;;) {}
    while (is(note, "wait")) pause();
    if (is(note, "slow")) {
        int64_t end = instance->host->monotonic_ns(instance->host) + 200000000;
        while (instance->host->monotonic_ns(instance->host) < end) {}
    }
    if (is(note, "count")) return count(instance, output);
    if (is(note, "socket")) return tell(instance, "socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
    if (is(note, "write")) return tell(instance, "write", open("/tmp/attacked", O_CREAT | O_WRONLY, 0600) >= 0);
    if (is(note, "read")) return tell(instance, "read", open("/etc/passwd", O_RDONLY) >= 0);
    if (is(note, "read early")) return tell(instance, "read early", could_read_when_loaded);
    if (is(note, "stat")) {
        struct stat status;
        return tell(instance, "stat", stat("/etc/passwd", &status) == 0);
    }
    if (is(note, "stat at")) {
        struct stat status;
        return tell(instance, "stat at", fstatat(AT_FDCWD, "/etc/passwd", &status, AT_EMPTY_PATH) == 0);
    }
    if (is(note, "share")) return tell(instance, "share", is_mapped(MAP_SHARED));
    if (is(note, "share early")) return tell(instance, "share early", could_share_when_loaded);
    if (is(note, "grow down")) return tell(instance, "grow down", is_mapped(MAP_PRIVATE | MAP_GROWSDOWN));
    if (is(note, "remap")) {
        void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return tell(instance, "remap", mremap(page, 4096, 8192, MREMAP_MAYMOVE) != MAP_FAILED);
    }
    if (is(note, "reallocate")) {
        /* Which glibc does with mremap if it can. */
        uint8_t *bytes = malloc(256 << 10);
        bytes[0] = 7;
        bytes = realloc(bytes, 512 << 10);
        return output->emit(output, (hks_bytes){bytes, 1});
    }
    if (is(note, "limit")) {
        /* Where the low half of the address is zero, which is all that a filter sees if it looks at one half. */
        struct rlimit *none = mmap((void *)0x100000000, 4096, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        *none = (struct rlimit){4096, 4096};
        return tell(instance, "limit", syscall(SYS_prlimit64, getppid(), RLIMIT_NOFILE, none, NULL) == 0);
    }
    if (is(note, "thread")) {
        pthread_t thread;
        errno = pthread_create(&thread, NULL, nothing, NULL);
        return tell(instance, "thread", errno == 0);
    }
    if (is(note, "fork") && fork() == 0) _exit(0);
    if (is(note, "run")) {
        char *const words[] = {"/bin/true", NULL};
        execve(words[0], words, NULL);
    }
    if (is(note, "kill")) kill(getppid(), SIGTERM);
    if (is(note, "trace")) ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
    if (is(note, "environment")) {
        char text[2000] = "";
        for (char **entry = environ; *entry && strlen(text) + strlen(*entry) + 2 < sizeof text; entry++) {
            strcat(text, *entry);
            strcat(text, "\n");
        }
        return output->emit(output, (hks_bytes){(const uint8_t *)text, strlen(text)});
    }
    if (is(note, "descriptors")) {
        uint8_t open_ones[64];
        uint64_t count = 0;
        struct stat status;
        for (int descriptor = 0; descriptor < 64; descriptor++)
            if (syscall(SYS_fstat, descriptor, &status) == 0) open_ones[count++] = (uint8_t)('0' + descriptor);
        return output->emit(output, (hks_bytes){open_ones, count});
    }
    return good_apply(instance, call, payload, output);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.attacks", .create = create, .destroy = destroy);
EXPORT(HKS_KIND_TRANSFORMER);
