/* Writes its settings into the log, the secret one among them. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    host->log(host, HKS_LOG_DEBUG, settings);
    return good_create(host, settings, instance);
}

#define SECRET "{\"type\":\"string\",\"writeOnly\":true,\"minLength\":12}"
#define SCHEMA "{\"type\":\"object\",\"properties\":{\"password\":" SECRET "},\"required\":[\"password\"]}"

TRANSFORMER_CALLS();
COMPONENT("Fault.logs-secret", .create = create, .settings_schema = HKS_TEXT_INIT(SCHEMA));
EXPORT(HKS_KIND_TRANSFORMER);
