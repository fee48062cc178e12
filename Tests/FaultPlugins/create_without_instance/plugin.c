/* Says HKS_OK and makes nothing. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    (void)host, (void)settings, (void)instance;
    return HKS_OK;
}

TRANSFORMER_CALLS();
COMPONENT("Fault.create-without-instance", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
