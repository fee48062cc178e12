/* Answers correctly, after its deadline. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    while (instance->host->monotonic_ns(instance->host) <= call->deadline_monotonic_ns + 5000000) {
    }
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.late");
EXPORT(HKS_KIND_TRANSFORMER);
