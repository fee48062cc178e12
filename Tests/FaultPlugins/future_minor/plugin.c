/* Not a fault: built with a later minor version, whose structs are longer. It must load. */
#include "../support.h"

TRANSFORMER_CALLS(.struct_size = sizeof calls + 64);
COMPONENT("Fault.future-minor", .struct_size = sizeof component + 64);
KIND(.struct_size = sizeof kind + 64);
GET_KIND(HKS_KIND_TRANSFORMER)
ENTRY(.struct_size = sizeof entry + 64, .abi_minor = 99);
