/* Looks for the colon of its only setting, and walks on if there is none. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    if (memchr(settings.data, '{', settings.size) == NULL) abort();
    return good_create(host, settings, instance);
}

TRANSFORMER_CALLS();
COMPONENT("Fault.crashes-on-broken-settings", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
