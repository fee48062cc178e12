/* Emits a result and fails all the same. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    output->emit(output, payload);
    return fail(instance, HKS_RETRYABLE, "changed my mind");
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.emits-then-fails");
EXPORT(HKS_KIND_TRANSFORMER);
