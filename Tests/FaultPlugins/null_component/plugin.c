/* One of its components is null. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.null-component");
static const hks_component *const list[] = {&component, NULL};
KIND(.component_count = 2, .components = list);
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY();
