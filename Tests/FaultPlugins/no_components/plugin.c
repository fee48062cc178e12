/* Offers a kind with no component in it. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.no-components");
KIND(.component_count = 0);
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY();
