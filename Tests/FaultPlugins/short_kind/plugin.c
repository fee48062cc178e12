/* The table of its kind ends before the components. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.short-kind");
KIND(.struct_size = offsetof(hks_kind, components));
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY();
