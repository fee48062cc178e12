/* Sets one header twice, in two cases. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    authentication->set_header(authentication, HKS_TEXT("X-Api-Key"), HKS_TEXT("a"));
    authentication->set_header(authentication, HKS_TEXT("x-api-key"), HKS_TEXT("b"));
    return HKS_OK;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.duplicate-header");
EXPORT(HKS_KIND_AUTHENTICATOR);
