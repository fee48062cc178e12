/* Keeps the payload in a buffer that all instances share, without a lock. */
#include "../support.h"

static uint8_t shared[1 << 21];
static volatile uint64_t shared_size;

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    if (payload.size > sizeof shared) return fail(instance, HKS_PERMANENT, "the payload is too large");
    if (payload.size > 0) memcpy(shared, payload.data, payload.size);
    shared_size = payload.size;
    int64_t began = instance->host->monotonic_ns(instance->host);
    while (instance->host->monotonic_ns(instance->host) - began < 200000) {
    }
    return output->emit(output, (hks_bytes){shared, shared_size});
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.shares-state");
EXPORT(HKS_KIND_TRANSFORMER);
