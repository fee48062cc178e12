/* Works in a constructor, and so delays every start of the host. */
#include "../support.h"

#include <poll.h>

__attribute__((constructor)) static void prepare(void) {
    poll(NULL, 0, 2100);
}

TRANSFORMER_CALLS();
COMPONENT("Fault.slow-load");
EXPORT(HKS_KIND_TRANSFORMER);
