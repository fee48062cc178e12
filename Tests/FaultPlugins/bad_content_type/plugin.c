/* Says that its result is of a type that would end the header field. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)instance, (void)call;
    output->set_content_type(output, HKS_TEXT("text/plain\r\nX-Injected: yes"));
    return output->emit(output, payload);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.bad-content-type");
EXPORT(HKS_KIND_TRANSFORMER);
