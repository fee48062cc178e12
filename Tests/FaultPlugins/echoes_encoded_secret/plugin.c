/* Reports its settings in hexadecimal, where no host would find the secret in them. */
#include "../support.h"

#define TEXT_MAX 240

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    int32_t status = good_create(host, settings, instance);
    if (status != HKS_OK) return status;
    char *text = calloc(1, 2 * TEXT_MAX);
    if (!text) return HKS_INTERNAL;
    for (uint64_t index = 0; index < settings.size && index < TEXT_MAX; index++) {
        text[2 * index] = "0123456789abcdef"[settings.data[index] >> 4];
        text[2 * index + 1] = "0123456789abcdef"[settings.data[index] & 15];
    }
    (*instance)->kept = (hks_bytes){(const uint8_t *)text, 2 * TEXT_MAX};
    return HKS_OK;
}

static void destroy(hks_instance *instance) {
    free((void *)instance->kept.data);
    free(instance);
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    if (payload.size > 0) return good_apply(instance, call, payload, output);
    instance->host->report(instance->host, instance->kept, HKS_NO_POSITION);
    return HKS_PERMANENT;
}

#define SECRET "{\"type\":\"string\",\"writeOnly\":true,\"minLength\":12,\"maxLength\":100}"
#define SCHEMA "{\"type\":\"object\",\"properties\":{\"password\":" SECRET "},\"required\":[\"password\"]}"

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.echoes-encoded-secret", .create = create, .destroy = destroy,
          .settings_schema = HKS_TEXT_INIT(SCHEMA));
EXPORT(HKS_KIND_TRANSFORMER);
