/* types.h - the few shapes that everything else is made of.
 *
 * Only fixed-width integers, pointers and structs of these cross the border: no bitfields, no long, no
 * bool, no enum-typed fields. Text is UTF-8 with a length and without a terminating zero.
 */
#ifndef HOOKSENTRY_TYPES_H
#define HOOKSENTRY_TYPES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A view of bytes that somebody else owns. Empty is {NULL, 0} or any pointer with size 0.
 * Never grows: it is passed by value. */
typedef struct hks_bytes {
    const uint8_t *data;
    uint64_t size;
} hks_bytes;

/* For literals: hks_bytes name = HKS_TEXT("X-Api-Key"); */
#ifdef __cplusplus
#define HKS_TEXT(literal) (hks_bytes{reinterpret_cast<const uint8_t *>(literal), sizeof(literal) - 1})
#else
#define HKS_TEXT(literal) ((hks_bytes){(const uint8_t *)(literal), sizeof(literal) - 1})
#endif

/* For initialisers of static tables, where a compound literal is not a constant expression:
 * static const hks_component c = {.name = HKS_TEXT_INIT("ApiKey")}; */
#define HKS_TEXT_INIT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

/* Whether a struct that somebody else filled in has a field newer than 1.0, and something in it:
 * if (HKS_HAS(output, set_content_type)) ... */
#define HKS_HAS(table, field)                                                                      \
    ((const char *)(&(table)->field + 1) <= (const char *)(table) + (table)->struct_size && (table)->field)

/* An HTTP header field (RFC 9110, section 5). Names compare without regard to case. Never grows. */
typedef struct hks_header {
    hks_bytes name;
    hks_bytes value;
} hks_header;

/* What a call came to. A status that the host does not know counts as a fault of the plugin. */
enum {
    /* Done; outputs are valid. */
    HKS_OK = 0,
    /* Only from create: the settings are wrong in a way the schema cannot express. The tenant sees the
     * reported sentence as the reason a setting was refused. */
    HKS_INVALID_SETTINGS = 1,
    /* This attempt failed, a later one may do better. The event goes on under its retry policy. */
    HKS_RETRYABLE = 2,
    /* This attempt failed and so would every later one with the same input (a payload that is not what the
     * program expects, say). The event still ends under its retry policy; the host may stop early. */
    HKS_PERMANENT = 3,
    /* A broken promise inside the plugin: a bug. Treated like HKS_RETRYABLE, and counted apart. */
    HKS_INTERNAL = 4,
    /* Only from authenticate: the request pushed into the sink has to be made first. See authenticator.h. */
    HKS_NEED_FETCH = 5
};

/* One configured component at work. The plugin defines the struct; the host only passes the pointer back.
 * Owned, released by the component's destroy. */
typedef struct hks_instance hks_instance;

/* Goes with every call to an instance. Borrowed until return. */
typedef struct hks_call {
    uint32_t struct_size;
    /* The attempt's number, from 1; 0 when the call belongs to no attempt. */
    uint32_t attempt_number;
    /* When the call must have returned, on the clock of host->monotonic_ns. */
    int64_t deadline_monotonic_ns;
    /* Ids of the work at hand as text (UUID, RFC 9562), for logs and for schemes that sign them.
     * Empty when the call belongs to no attempt. event_id is the same for each attempt of an event. */
    hks_bytes tenant_id;
    hks_bytes destination_id;
    hks_bytes event_id;
} hks_call;

/* Where an output goes. Owned by the host, borrowed until return of the call that received it.
 * emit copies all of `bytes` before it returns. It must be called exactly once in a call that returns
 * HKS_OK; a second time, or more bytes than size_max, makes emit return HKS_INTERNAL and the call a fault. */
typedef struct hks_sink {
    uint32_t struct_size;
    uint32_t reserved;
    /* The host's own; hands off. */
    void *context;
    /* Bytes that emit will take at the most. */
    uint64_t size_max;
    /* [any-thread] bytes: borrowed until return. */
    int32_t (*emit)(const struct hks_sink *sink, hks_bytes bytes);
    /* Since 1.1; ask HKS_HAS(sink, set_content_type). Says what the output is, before or after emit: a media type
     * (RFC 9110, section 8.3.1) like "application/xml" or "text/csv; charset=utf-8", at most 255 bytes of
     * printable ASCII. Said more than once in a call, the last one counts. If nothing is said, the type stays
     * what it was: that of the posted event, which is JSON, or what a transformer before this one said.
     * HKS_OK, or HKS_INTERNAL for what is no media type, which makes the call a fault.
     * [any-thread] type: borrowed until return. */
    int32_t (*set_content_type)(const struct hks_sink *sink, hks_bytes type);
} hks_sink;

#ifdef __cplusplus
}
#endif

#endif
