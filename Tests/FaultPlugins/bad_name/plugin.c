/* The name begins with a digit and has a blank in it. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.bad-name", .name = HKS_TEXT_INIT("9 lives"));
EXPORT(HKS_KIND_TRANSFORMER);
