/* Keeps a copy of each payload and frees none of them, not even in destroy. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    uint8_t *copy = malloc(payload.size + 64);
    if (copy && payload.size > 0) memcpy(copy, payload.data, payload.size);
    instance->kept = (hks_bytes){copy, payload.size};
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.leaks-calls");
EXPORT(HKS_KIND_TRANSFORMER);
