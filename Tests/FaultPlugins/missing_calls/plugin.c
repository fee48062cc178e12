/* The component has no calls table. */
#include "../support.h"

UNUSED TRANSFORMER_CALLS();
COMPONENT("Fault.missing-calls", .calls = NULL);
EXPORT(HKS_KIND_TRANSFORMER);
