/* Emits ten bytes at a null pointer. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload;
    output->emit(output, (hks_bytes){NULL, 10});
    return HKS_OK;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.emits-null");
EXPORT(HKS_KIND_TRANSFORMER);
