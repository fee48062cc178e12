/* Rests for as long as its deadline is away, within reason, with the time left in an unsigned number: once it has
 * passed, that is a very large one. */
#include "../support.h"

#include <poll.h>

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    uint64_t left = (uint64_t)(call->deadline_monotonic_ns - instance->host->monotonic_ns(instance->host));
    poll(NULL, 0, left > 1000000000 ? 300 : 0);
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.sleeps-past-deadline");
EXPORT(HKS_KIND_TRANSFORMER);
