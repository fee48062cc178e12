/* Ends the process with abort(). */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    abort();
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.aborts");
EXPORT(HKS_KIND_TRANSFORMER);
