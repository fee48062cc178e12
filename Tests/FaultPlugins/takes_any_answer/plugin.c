/* Takes whatever a token endpoint answers for a token. */
#include "../support.h"

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    hks_bytes token;
    if (instance->host->load(instance->host, HKS_TEXT("token"), &token) == HKS_OK)
        return good_authenticate(instance, call, request, authentication);
    ask_for_fetch(authentication);
    return HKS_NEED_FETCH;
}

static int32_t fetched(hks_instance *instance, const hks_call *call, const hks_fetch_response *response) {
    (void)call, (void)response;
    return instance->host->store(instance->host, HKS_TEXT("token"), HKS_TEXT("t"), INT64_MAX);
}

AUTHENTICATOR_CALLS(.authenticate = authenticate, .fetched = fetched);
COMPONENT("Fault.takes-any-answer");
EXPORT(HKS_KIND_AUTHENTICATOR);
