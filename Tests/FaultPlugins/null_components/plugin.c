/* Has null in place of the list of components. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.null-components");
KIND(.components = NULL);
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY();
