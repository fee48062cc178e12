/* Waits less after each attempt, which is allowed; its author promises the opposite. */
#include "../support.h"

static int32_t decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision) {
    (void)instance, (void)call;
    decision->action = HKS_AGAIN;
    decision->delay_ms = 60000 / (int64_t)failure->attempt_number;
    return HKS_OK;
}

RETRY_POLICY_CALLS(.decide = decide);
COMPONENT("Fault.retry-shrinks");
EXPORT(HKS_KIND_RETRY_POLICY);
