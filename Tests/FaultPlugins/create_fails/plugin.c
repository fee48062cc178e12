/* Refuses all settings, with a sentence and a position. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    (void)settings, (void)instance;
    host->report(host, HKS_TEXT("these settings please nobody"), 3);
    return HKS_INVALID_SETTINGS;
}

TRANSFORMER_CALLS();
COMPONENT("Fault.create-fails", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
