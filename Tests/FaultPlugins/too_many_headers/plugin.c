/* Sets 33 headers. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    for (int index = 0; index < 33; index++) {
        uint8_t name[3] = {'X', (uint8_t)('a' + index % 26), (uint8_t)('a' + index / 26)};
        authentication->set_header(authentication, (hks_bytes){name, 3}, HKS_TEXT("v"));
    }
    return HKS_OK;
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.too-many-headers");
EXPORT(HKS_KIND_AUTHENTICATOR);
