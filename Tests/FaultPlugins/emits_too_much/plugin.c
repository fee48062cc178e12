/* Emits more than the sink takes, and ignores its answer. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload;
    uint64_t size = output->size_max + 1;
    uint8_t *bytes = calloc(1, size);
    if (!bytes) return HKS_INTERNAL;
    output->emit(output, (hks_bytes){bytes, size});
    free(bytes);
    return HKS_OK;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.emits-too-much");
EXPORT(HKS_KIND_TRANSFORMER);
