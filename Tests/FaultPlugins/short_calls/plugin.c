/* The calls table ends before its function. */
#include "../support.h"

TRANSFORMER_CALLS(.struct_size = offsetof(hks_transformer_calls, apply));
COMPONENT("Fault.short-calls");
EXPORT(HKS_KIND_TRANSFORMER);
