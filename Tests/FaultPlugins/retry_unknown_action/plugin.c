/* Decides on an action that is not in the header. */
#include "../support.h"

static int32_t decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision) {
    (void)instance, (void)call, (void)failure;
    decision->action = 7;
    return HKS_OK;
}

RETRY_POLICY_CALLS(.decide = decide);
COMPONENT("Fault.retry-unknown-action");
EXPORT(HKS_KIND_RETRY_POLICY);
