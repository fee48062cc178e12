/* Never comes back. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    for (volatile int forever = 1; forever;) {
    }
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.hangs");
EXPORT(HKS_KIND_TRANSFORMER);
