/* The version is not UTF-8. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.bad-version", .version = HKS_TEXT_INIT("1.0\xFF"));
EXPORT(HKS_KIND_TRANSFORMER);
