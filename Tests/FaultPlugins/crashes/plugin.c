/* Follows a null pointer. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    volatile int *volatile nowhere = NULL;
    return *nowhere;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.crashes");
EXPORT(HKS_KIND_TRANSFORMER);
