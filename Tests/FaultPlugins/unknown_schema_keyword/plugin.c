/* The schema uses a rule the host does not know. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.unknown-schema-keyword",
          .settings_schema = HKS_TEXT_INIT("{\"type\":\"object\",\"minProperties\":1}"));
EXPORT(HKS_KIND_TRANSFORMER);
