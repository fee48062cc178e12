/* Expects a zero behind its payload, as C's own text functions do. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    if (payload.size > 0 && ((const volatile uint8_t *)payload.data)[payload.size] == 1)
        return fail(instance, HKS_PERMANENT, "there is a one behind the payload");
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.reads-past-input");
EXPORT(HKS_KIND_TRANSFORMER);
