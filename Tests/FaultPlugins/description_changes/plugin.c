/* Counts in its version how often it was asked. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.description-changes");
static char text[] = "1.0.0";
static hks_component changing;
static const hks_component *const components[] = {&changing};
static const hks_kind kind = {.struct_size = sizeof kind, .component_count = 1, .components = components};
static const hks_kind *get_kind(const char *kind_id) {
    if (strcmp(kind_id, HKS_KIND_TRANSFORMER) != 0) return NULL;
    changing = component;
    text[4] = text[4] == '9' ? '0' : text[4] + 1;
    changing.version = (hks_bytes){(const uint8_t *)text, 5};
    return &kind;
}
ENTRY();
