/* The entry has no get_kind. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.null-get-kind");
KIND();
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY(.get_kind = NULL);
