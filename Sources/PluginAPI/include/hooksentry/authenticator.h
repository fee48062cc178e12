/* authenticator.h - kind "hks.authenticator/1": which credentials go on an outgoing request.
 *
 * It runs after the transformers and before the signer, so it sees the request's final body. It may add
 * headers or replace its own; nothing else of the request can be changed.
 *
 * A CREDENTIAL THAT MUST BE FETCHED (an OAuth 2.0 token, say)
 *
 *   authenticate ── token in storage? ── yes ── set_header ── HKS_OK
 *        ▲                 │ no
 *        │              fetch(request) ── HKS_NEED_FETCH
 *        │                                     │  the host sends it: same address rules and limits as a
 *        │                                     ▼  delivery, one at a time per instance; others wait
 *        └── HKS_OK ◄── store(token) ◄── fetched(response) ── else ── the attempt fails with the sentence
 *
 *   After fetched has returned HKS_OK, authenticate is called again and must not ask for a second fetch in
 *   the same attempt; that would be a fault. While one fetch of an instance is under way, other attempts of
 *   the same instance wait for its result and start no second one.
 *
 * A CREDENTIAL THAT WAS REFUSED. If the destination answers 401, the host calls rejected. An authenticator
 * that can get a new credential drops the old one and returns HKS_RETRYABLE; the host then repeats the
 * request once, at once, within the same attempt. Any other result lets the 401 stand.
 */
#ifndef HOOKSENTRY_AUTHENTICATOR_H
#define HOOKSENTRY_AUTHENTICATOR_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The request as it stands. All views: borrowed until return. */
typedef struct hks_request {
    uint32_t struct_size;
    uint32_t header_count;
    /* "POST". */
    hks_bytes method;
    /* The destination's absolute URL with its query, as it will be requested. */
    hks_bytes url;
    /* header_count fields, without those the HTTP library adds (Host, Content-Length). */
    const hks_header *headers;
    hks_bytes body;
} hks_request;

/* A request for the host to make on the plugin's behalf. All views: borrowed until the fetch call returns. */
typedef struct hks_fetch_request {
    uint32_t struct_size;
    uint32_t header_count;
    /* "GET" or "POST". */
    hks_bytes method;
    /* Absolute; https unless the host's operator allows plain http. */
    hks_bytes url;
    const hks_header *headers;
    hks_bytes body;
} hks_fetch_request;

/* What came back. Borrowed until return. Any HTTP status counts as an answer; if there was none (connection,
 * TLS or name resolution failed, address not allowed, timeout), the host fails the attempt by itself and
 * does not call fetched. */
typedef struct hks_fetch_response {
    uint32_t struct_size;
    uint32_t http_status;
    uint32_t reserved;
    uint32_t header_count;
    const hks_header *headers;
    /* At most 64 KiB; a longer body fails the fetch. */
    hks_bytes body;
} hks_fetch_response;

/* Where an authenticator's decisions go. Owned by the host, borrowed until return. */
typedef struct hks_authentication {
    uint32_t struct_size;
    uint32_t reserved;
    /* The host's own; hands off. */
    void *context;

    /* Puts a header field on the request; copies name and value.
     * Refused with HKS_PERMANENT and a fault: a name that is no token (RFC 9110, section 5.6.2); a value with
     * CR, LF or NUL; the same name twice; a name that belongs to the host or to HTTP itself (Host,
     * Content-Length, Content-Type, Transfer-Encoding, Connection, and all of X-HookSentry-* and Webhook-*);
     * more than 32 fields or 32 KiB in all.
     * [any-thread] */
    int32_t (*set_header)(const struct hks_authentication *authentication, hks_bytes name, hks_bytes value);

    /* Asks the host to make a request; copies it. To be called at most once, and only in a call that then
     * returns HKS_NEED_FETCH.
     * [any-thread] */
    int32_t (*fetch)(const struct hks_authentication *authentication, const hks_fetch_request *request);
} hks_authentication;

typedef struct hks_authenticator_calls {
    uint32_t struct_size;
    uint32_t reserved;

    /* Decides the credentials of one request.
     * HKS_OK: the headers set are used. HKS_NEED_FETCH: see above. Anything else fails the attempt.
     * call, request, authentication: borrowed until return.
     * [worker, one call at a time per instance] */
    int32_t (*authenticate)(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication);

    /* Takes the answer to a fetch. May be null if authenticate never returns HKS_NEED_FETCH.
     * HKS_OK: authenticate is called again. Anything else fails the attempt with the reported sentence, and
     * those of all who waited for this fetch.
     * [worker, one call at a time per instance] */
    int32_t (*fetched)(hks_instance *instance, const hks_call *call, const hks_fetch_response *response);

    /* The destination refused the credentials with 401. May be null: "nothing can be done about it".
     * HKS_RETRYABLE: the stale credential is dropped, try again with a new one.
     * [worker, one call at a time per instance] */
    int32_t (*rejected)(hks_instance *instance, const hks_call *call, uint32_t http_status);
} hks_authenticator_calls;

#ifdef __cplusplus
}
#endif

#endif
