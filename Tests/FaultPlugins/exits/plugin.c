/* Ends the process as if all were well. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    exit(0);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.exits");
EXPORT(HKS_KIND_TRANSFORMER);
