/* Offers one name twice. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.duplicate-name");
static const hks_component *const list[] = {&component, &component};
KIND(.component_count = 2, .components = list);
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY();
