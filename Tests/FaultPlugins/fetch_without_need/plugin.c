/* Asks for a fetch and then says it is done. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    ask_for_fetch(authentication);
    return HKS_OK;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.fetch-without-need");
EXPORT(HKS_KIND_AUTHENTICATOR);
