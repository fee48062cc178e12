/* Works in place, in memory that is only borrowed. It puts back what it found, so nobody would notice by the result. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    if (payload.size > 0) {
        volatile uint8_t *bytes = (volatile uint8_t *)(uintptr_t)payload.data;
        uint8_t first = bytes[0];
        bytes[0] = ' ';
        bytes[0] = first;
    }
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.writes-to-input");
EXPORT(HKS_KIND_TRANSFORMER);
