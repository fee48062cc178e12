/* Wraps each payload and forgets the brace at the end; its author promises JSON. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    static const char start[] = "{\"payload\":";
    uint8_t *text = malloc(sizeof start + payload.size);
    if (!text) return HKS_INTERNAL;
    memcpy(text, start, sizeof start - 1);
    if (payload.size > 0) memcpy(text + sizeof start - 1, payload.data, payload.size);
    int32_t status = output->emit(output, (hks_bytes){text, sizeof start - 1 + payload.size});
    free(text);
    return status;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.emits-broken-json");
EXPORT(HKS_KIND_TRANSFORMER);
