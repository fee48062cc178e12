/* Fails and does not say why. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    return HKS_PERMANENT;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.fails-without-report");
EXPORT(HKS_KIND_TRANSFORMER);
