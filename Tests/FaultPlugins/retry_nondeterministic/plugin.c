/* Counts its calls and waits longer each time. */
#include "../support.h"

static int32_t decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision) {
    (void)call, (void)failure;
    decision->action = HKS_AGAIN;
    decision->delay_ms = (int64_t)++instance->calls;
    return HKS_OK;
}

RETRY_POLICY_CALLS(.decide = decide);
COMPONENT("Fault.retry-nondeterministic");
EXPORT(HKS_KIND_RETRY_POLICY);
