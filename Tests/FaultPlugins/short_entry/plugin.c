/* The entry ends before get_kind. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.short-entry");
KIND();
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY(.struct_size = offsetof(hks_entry, get_kind));
