/* Keeps the pointer to one payload and reads it when the next one comes. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    hks_bytes before = instance->kept;
    instance->kept = payload;
    if (before.size > 0 && before.data[0] == 'x') return fail(instance, HKS_PERMANENT, "the one before was odd");
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.keeps-borrowed-input");
EXPORT(HKS_KIND_TRANSFORMER);
