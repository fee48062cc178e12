/* Refuses all settings without a word. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    (void)host, (void)settings, (void)instance;
    return HKS_INVALID_SETTINGS;
}

TRANSFORMER_CALLS();
COMPONENT("Fault.create-fails-silently", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
