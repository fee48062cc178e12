/* Gives another result for the same payload each time. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call, (void)payload;
    instance->calls++;
    uint8_t digit = (uint8_t)('0' + instance->calls % 10);
    return output->emit(output, (hks_bytes){&digit, 1});
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.nondeterministic");
EXPORT(HKS_KIND_TRANSFORMER);
