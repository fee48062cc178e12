/* Says it needs a fetch and asks for none. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request, (void)authentication;
    return HKS_NEED_FETCH;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.need-without-fetch");
EXPORT(HKS_KIND_AUTHENTICATOR);
