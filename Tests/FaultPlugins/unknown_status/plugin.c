/* Returns a status that is not in the header. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    return 42;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.unknown-status");
EXPORT(HKS_KIND_TRANSFORMER);
