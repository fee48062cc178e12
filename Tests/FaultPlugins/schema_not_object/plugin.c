/* The schema describes a text. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.schema-not-object", .settings_schema = HKS_TEXT_INIT("{\"type\":\"string\"}"));
EXPORT(HKS_KIND_TRANSFORMER);
