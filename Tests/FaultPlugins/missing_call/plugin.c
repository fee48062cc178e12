/* The calls table has null for the function that is required. */
#include "../support.h"

TRANSFORMER_CALLS(.apply = NULL);
COMPONENT("Fault.missing-call");
EXPORT(HKS_KIND_TRANSFORMER);
