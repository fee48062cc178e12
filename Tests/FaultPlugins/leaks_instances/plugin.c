/* destroy forgets to free. */
#include "../support.h"

static void destroy(hks_instance *instance) { (void)instance; }

TRANSFORMER_CALLS();
COMPONENT("Fault.leaks-instances", .destroy = destroy);
EXPORT(HKS_KIND_TRANSFORMER);
