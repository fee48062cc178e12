/* Compares only the beginning of a kind's id, and so answers for versions that do not exist yet. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.knows-similar-kinds");
KIND();
static const hks_kind *get_kind(const char *kind_id) {
    return strncmp(kind_id, HKS_KIND_TRANSFORMER, strlen(HKS_KIND_TRANSFORMER)) == 0 ? &kind : NULL;
}
ENTRY();
