/* Claims more components than are allowed. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.too-many-components");
KIND(.component_count = 65);
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY();
