/* Puts its secret setting into the sentence it reports. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    int32_t status = good_create(host, settings, instance);
    if (status != HKS_OK) return status;
    uint8_t *copy = malloc(settings.size);
    if (!copy) return HKS_INTERNAL;
    memcpy(copy, settings.data, settings.size);
    (*instance)->kept = (hks_bytes){copy, settings.size};
    return HKS_OK;
}

static void destroy(hks_instance *instance) {
    free((void *)instance->kept.data);
    free(instance);
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call, (void)payload, (void)output;
    instance->host->report(instance->host, instance->kept, HKS_NO_POSITION);
    return HKS_PERMANENT;
}

TRANSFORMER_CALLS(.apply = apply);
#define SECRET "{\"type\":\"string\",\"writeOnly\":true,\"minLength\":12}"
#define SCHEMA "{\"type\":\"object\",\"properties\":{\"password\":" SECRET "},\"required\":[\"password\"]}"

COMPONENT("Fault.echoes-secret", .create = create, .destroy = destroy, .settings_schema = HKS_TEXT_INIT(SCHEMA));
EXPORT(HKS_KIND_TRANSFORMER);
