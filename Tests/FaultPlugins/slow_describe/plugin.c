/* Takes its time to say which components it has. */
#include "../support.h"

#include <poll.h>

TRANSFORMER_CALLS();
COMPONENT("Fault.slow-describe");
KIND();
static const hks_kind *get_kind(const char *kind_id) {
    poll(NULL, 0, 40);
    return strcmp(kind_id, HKS_KIND_TRANSFORMER) == 0 ? &kind : NULL;
}
ENTRY();
