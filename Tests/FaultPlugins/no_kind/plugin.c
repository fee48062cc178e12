/* Knows no kind at all. */
#include "../support.h"

static const hks_kind *get_kind(const char *kind_id) {
    (void)kind_id;
    return NULL;
}

ENTRY();
