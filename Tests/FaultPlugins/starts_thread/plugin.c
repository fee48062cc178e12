/* Starts a thread with its first call. */
#define _GNU_SOURCE
#include "../support.h"

#include <pthread.h>
#include <unistd.h>

static void *wait_forever(void *context) {
    (void)context;
    while (1) pause();
    return NULL;
}

static void start(void) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_forever, NULL);
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start);
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.starts-thread");
EXPORT(HKS_KIND_TRANSFORMER);
