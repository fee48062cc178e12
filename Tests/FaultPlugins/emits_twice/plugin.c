/* Emits its result two times. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    output->emit(output, payload);
    output->emit(output, payload);
    return HKS_OK;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.emits-twice");
EXPORT(HKS_KIND_TRANSFORMER);
