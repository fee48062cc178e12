/* Sets a flag, though none is defined. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.flags-set", .flags = 1);
EXPORT(HKS_KIND_TRANSFORMER);
