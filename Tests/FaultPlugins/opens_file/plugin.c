/* Opens a file with its first call and keeps it. */
#define _GNU_SOURCE
#include "../support.h"

#include <fcntl.h>
#include <pthread.h>

static void open_file(void) { (void)!open("/etc/passwd", O_RDONLY | O_CLOEXEC); }

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, open_file);
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.opens-file");
EXPORT(HKS_KIND_TRANSFORMER);
