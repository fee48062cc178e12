/* The component cannot be destroyed. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.missing-destroy", .destroy = NULL);
EXPORT(HKS_KIND_TRANSFORMER);
