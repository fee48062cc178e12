/* Returns a status that only an authenticator may. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    return HKS_NEED_FETCH;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.need-from-transformer");
EXPORT(HKS_KIND_TRANSFORMER);
