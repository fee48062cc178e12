/* Crashes on about one payload in five hundred. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    uint32_t hash = 2166136261u;
    for (uint64_t index = 0; index < payload.size && index < 2000; index++) {
        hash = (hash ^ payload.data[index]) * 16777619u;
    }
    if (hash % 499 == 7) *(volatile int *)NULL = 1;
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.crashes-rarely");
EXPORT(HKS_KIND_TRANSFORMER);
