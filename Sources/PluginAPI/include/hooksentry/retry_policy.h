/* retry_policy.h - kind "hks.retry-policy/1": what follows a failed attempt.
 *
 * A policy is pure: the same failure gives the same decision. Chance comes in as a number, time as elapsed
 * milliseconds. It keeps no count of its own, because a crash of the host may repeat a call, and because
 * attempts of one event can be decided on different machines.
 */
#ifndef HOOKSENTRY_RETRY_POLICY_H
#define HOOKSENTRY_RETRY_POLICY_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why an attempt failed. New classes may come; read an unknown one as HKS_OUTCOME_OTHER. */
enum {
    HKS_OUTCOME_OTHER = 0,
    /* An HTTP status that is neither 2xx nor 401, 403, 404; see http_status. */
    HKS_OUTCOME_HTTP_STATUS = 1,
    /* No complete answer within the time limit. */
    HKS_OUTCOME_TIMEOUT = 2,
    /* No TCP connection. */
    HKS_OUTCOME_CONNECT = 3,
    /* TLS handshake or certificate. */
    HKS_OUTCOME_TLS = 4,
    /* The name did not resolve. */
    HKS_OUTCOME_DNS = 5,
    /* The connection broke, or the answer was not HTTP. */
    HKS_OUTCOME_PROTOCOL = 6,
    /* The address is not one this host may send to. */
    HKS_OUTCOME_ADDRESS_BLOCKED = 7,
    /* A transformer or authenticator failed. */
    HKS_OUTCOME_PLUGIN = 8,
    /* HTTP 410: the destination says it is gone for good. A hint; the policy decides. */
    HKS_OUTCOME_GONE = 9
};

/* The failed attempt. Borrowed until return. */
typedef struct hks_failure {
    uint32_t struct_size;
    /* The number of the attempt that failed, from 1. */
    uint32_t attempt_number;
    /* The most attempts this event may have; the host gives up by itself when they are used up. */
    uint32_t attempts_max;
    /* HKS_OUTCOME_... */
    uint32_t outcome;
    /* The status received, or 0. */
    uint32_t http_status;
    uint32_t reserved;
    /* Milliseconds that the destination asked to wait (Retry-After, RFC 9110, section 10.2.3; both forms are
     * already turned into a delay from now), or -1 if it did not ask. */
    int64_t retry_after_ms;
    /* Milliseconds since the event was accepted. */
    int64_t elapsed_ms;
    /* Uniform over all 64 bits; new for each failure. The only source of jitter. */
    uint64_t random;
} hks_failure;

/* What to do next. An unknown action counts as a fault. */
enum {
    /* Try again after delay_ms. */
    HKS_AGAIN = 1,
    /* No more attempts: the event ends as CriticalFailure and can be replayed. */
    HKS_GIVE_UP = 2
};

/* Owned by the host, which sets struct_size and zeroes the rest; borrowed until return. */
typedef struct hks_retry_decision {
    uint32_t struct_size;
    int32_t action;
    /* From 0 to 30 days (2,592,000,000); outside of that is a fault. */
    int64_t delay_ms;
} hks_retry_decision;

typedef struct hks_retry_policy_calls {
    uint32_t struct_size;
    uint32_t reserved;

    /* Decides what follows a failed attempt.
     * If this fails in any way, the host retries after its own default delay: an event is never lost to a
     * broken policy.
     * call, failure: borrowed until return. decision: read only if the result is HKS_OK.
     * [worker, one call at a time per instance] */
    int32_t (*decide)(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision);
} hks_retry_policy_calls;

#ifdef __cplusplus
}
#endif

#endif
