/* host.h - what the host lends to an instance.
 *
 * The table is handed to create, belongs to that one instance, and is good until destroy has returned:
 * keep the pointer, and pass it as first argument to each of its functions. They may be called only from
 * inside a call of the same instance (create and destroy included).
 */
#ifndef HOOKSENTRY_HOST_H
#define HOOKSENTRY_HOST_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Log levels. An unknown level is logged as a warning.
 * The two MISBEHAVING levels say whose promise was broken; they let an operator file the bug in the right
 * place. The host uses PLUGIN_MISBEHAVING itself, for a plugin that emits twice or overruns. */
enum {
    HKS_LOG_DEBUG = 0,
    HKS_LOG_INFO = 1,
    HKS_LOG_WARNING = 2,
    HKS_LOG_ERROR = 3,
    HKS_LOG_HOST_MISBEHAVING = 4,
    HKS_LOG_PLUGIN_MISBEHAVING = 5
};

/* For report, when there is no position to point at: the largest value of 64 bits. */
#define HKS_NO_POSITION 0xFFFFFFFFFFFFFFFFull

typedef struct hks_host {
    uint32_t struct_size;
    /* The minor version of the interface that the host was built with. */
    uint32_t abi_minor;
    /* The host's own; hands off. */
    void *context;

    /* Gives the sentence that explains why this call is about to return something other than HKS_OK.
     * sentence: borrowed until return; UTF-8, without a secret. The first 500 bytes are kept. If called more
     *   than once in a call, the last one counts; if the call then returns HKS_OK, it is dropped.
     * position: byte offset into the input that the sentence is about (the settings in create, the payload
     *   in apply), or HKS_NO_POSITION.
     * [any-thread] */
    void (*report)(const struct hks_host *host, hks_bytes sentence, uint64_t position);

    /* Writes one line to the host's log, with component, tenant and destination added. message: borrowed
     * until return; at most 1,000 bytes are kept, and 100 lines a minute for each component.
     * [any-thread] */
    void (*log)(const struct hks_host *host, int32_t level, hks_bytes message);

    /* Milliseconds since 1970-01-01 UTC. Can jump; good for dates and expiry times. [any-thread] */
    int64_t (*wall_ms)(const struct hks_host *host);

    /* Nanoseconds of a clock that never jumps; the clock of hks_call.deadline_monotonic_ns. [any-thread] */
    int64_t (*monotonic_ns)(const struct hks_host *host);

    /* Fills `size` bytes from the operating system's cryptographic generator. HKS_OK, or HKS_INTERNAL if the
     * system has none to give. [any-thread] */
    int32_t (*random_bytes)(const struct hks_host *host, uint8_t *bytes, uint64_t size);

    /* Instance storage: small values kept by the host in memory, never on disk and never in a log, across
     * calls and across re-creation of the instance as long as its settings stay the same. Made for tokens.
     * A value is gone once wall_ms reaches expires_wall_ms (INT64_MAX: kept as long as the instance's
     * settings). Size limits: key 100 bytes, value 16 KiB, 16 values an instance. An empty value removes the
     * key. HKS_OK, or HKS_PERMANENT for a key or value over its limit.
     * key, value: borrowed until return.
     * [any-thread] */
    int32_t (*store)(const struct hks_host *host, hks_bytes key, hks_bytes value, int64_t expires_wall_ms);

    /* Reads instance storage. HKS_OK and value set, or HKS_RETRYABLE if there is nothing (any more).
     * value: filled by the host; its bytes are good until the next call of store or load, or until the
     *   plugin's call returns, whichever comes first.
     * [any-thread] */
    int32_t (*load)(const struct hks_host *host, hks_bytes key, hks_bytes *value);

    /* Adds to a counter that appears in the host's metrics as hooksentry_plugin_counter_total, labelled with
     * the component and this name. name: borrowed until return; [a-z0-9_], at most 60 bytes, 20 names a
     * component. Anything else is dropped. [any-thread] */
    void (*count)(const struct hks_host *host, hks_bytes name, uint64_t amount);

    /* 1 once nobody waits for the result of this call any more: its deadline has passed, or the host is
     * shutting down. A call with a long loop asks now and then, and returns HKS_RETRYABLE. [any-thread] */
    int32_t (*cancelled)(const struct hks_host *host);

    /* A later service by its id, or NULL if this host does not have it. The id names its table's type.
     * id: borrowed until return. Result: lives as long as this table.
     * No version has such services yet. [any-thread] */
    const void *(*get_service)(const struct hks_host *host, hks_bytes id);
} hks_host;

#ifdef __cplusplus
}
#endif

#endif
