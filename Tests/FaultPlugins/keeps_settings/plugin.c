/* Keeps the pointer to its settings and reads it in a later call, whatever is there by then. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    int32_t status = good_create(host, settings, instance);
    if (status == HKS_OK) (*instance)->kept = settings;
    return status;
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    volatile uint8_t first = instance->kept.data[0];
    (void)first;
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.keeps-settings", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
