/* The schema is not JSON. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.bad-schema", .settings_schema = HKS_TEXT_INIT("{\"type\":"));
EXPORT(HKS_KIND_TRANSFORMER);
