/* Keeps the call record and reads it in the next call. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance;
    static const hks_call *before;
    uint32_t number = before ? before->attempt_number : 0;
    before = call;
    return number < UINT32_MAX ? output->emit(output, payload) : HKS_INTERNAL;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.keeps-call");
EXPORT(HKS_KIND_TRANSFORMER);
