/* Trusts that every payload begins with a brace. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    if (payload.size == 0 || payload.data[0] != '{') abort();
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.crashes-on-garbage");
EXPORT(HKS_KIND_TRANSFORMER);
