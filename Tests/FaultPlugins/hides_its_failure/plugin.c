/* Writes to standard output without a line feed, so that what is written there next is on the same line; and emits
 * nothing. */
#include "../support.h"

#include <unistd.h>

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call, (void)payload, (void)output;
    return write(1, "progress: ", 10) == 10 ? HKS_OK : HKS_INTERNAL;
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.hides-its-failure");
EXPORT(HKS_KIND_TRANSFORMER);
