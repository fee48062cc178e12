/* Is never content with what was fetched. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    ask_for_fetch(authentication);
    return HKS_NEED_FETCH;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.fetches-forever");
EXPORT(HKS_KIND_AUTHENTICATOR);
