/* Sets a header that the signer owns. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    authentication->set_header(authentication, HKS_TEXT("webhook-signature"), HKS_TEXT("v1,forged"));
    return HKS_OK;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.reserved-header");
EXPORT(HKS_KIND_AUTHENTICATOR);
