/* Installs a handler for SIGTERM, which is the host's. */
#define _GNU_SOURCE
#include "../support.h"

#include <signal.h>

static void ignore(int number) { (void)number; }

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    signal(SIGTERM, ignore);
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.handles-signal");
EXPORT(HKS_KIND_TRANSFORMER);
