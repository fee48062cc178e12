/* Refuses some settings that its schema accepts as if they were the weather's fault. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    if (memchr(settings.data, '\\', settings.size) == NULL) return good_create(host, settings, instance);
    host->report(host, HKS_TEXT("not with a backslash"), HKS_NO_POSITION);
    return HKS_RETRYABLE;
}

TRANSFORMER_CALLS();
COMPONENT("Fault.refuses-with-wrong-status", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
