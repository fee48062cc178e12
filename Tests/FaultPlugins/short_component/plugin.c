/* The component ends before its calls. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.short-component", .struct_size = offsetof(hks_component, calls));
EXPORT(HKS_KIND_TRANSFORMER);
