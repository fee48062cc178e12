/* The component cannot be created. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.missing-create", .create = NULL);
EXPORT(HKS_KIND_TRANSFORMER);
