/* Built for the next major version. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.future-major");
KIND();
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY(.abi_major = HKS_ABI_MAJOR + 1);
