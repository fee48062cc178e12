/* The entry begins with another number. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.wrong-magic");
KIND();
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY(.magic = UINT32_C(0x12345678));
