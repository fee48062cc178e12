/* Sets a header whose name has a blank in it. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    authentication->set_header(authentication, HKS_TEXT("X Api Key"), HKS_TEXT("a"));
    return HKS_OK;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.bad-header-name");
EXPORT(HKS_KIND_AUTHENTICATOR);
