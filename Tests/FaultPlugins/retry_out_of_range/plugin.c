/* Asks for a delay of 31 days. */
#include "../support.h"

static int32_t decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision) {
    (void)instance, (void)call, (void)failure;
    decision->action = HKS_AGAIN;
    decision->delay_ms = INT64_C(31) * 24 * 3600 * 1000;
    return HKS_OK;
}

RETRY_POLICY_CALLS(.decide = decide);
COMPONENT("Fault.retry-out-of-range");
EXPORT(HKS_KIND_RETRY_POLICY);
