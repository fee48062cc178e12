/* Keeps the pointer to its settings and reads it in a later call. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    int32_t status = good_create(host, settings, instance);
    if (status == HKS_OK) (*instance)->kept = settings;
    return status;
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call;
    hks_bytes kept = instance->kept;
    if (kept.size == 0 || kept.data[0] != '{') return fail(instance, HKS_INTERNAL, "the settings are gone");
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.keeps-settings", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
