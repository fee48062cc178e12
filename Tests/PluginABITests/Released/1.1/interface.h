/* interface.h - version 1.0 as it was released, without its comments. Never edit it: it stands for the headers that
 * plugins out there were built with. */
#include <stddef.h>
#include <stdint.h>

typedef struct hks_bytes {
    const uint8_t *data;
    uint64_t size;
} hks_bytes;

typedef struct hks_header {
    hks_bytes name;
    hks_bytes value;
} hks_header;

enum {
    HKS_OK = 0,
    HKS_INVALID_SETTINGS = 1,
    HKS_RETRYABLE = 2,
    HKS_PERMANENT = 3,
    HKS_INTERNAL = 4,
    HKS_NEED_FETCH = 5
};

typedef struct hks_instance hks_instance;

typedef struct hks_call {
    uint32_t struct_size;
    uint32_t attempt_number;
    int64_t deadline_monotonic_ns;
    hks_bytes tenant_id;
    hks_bytes destination_id;
    hks_bytes event_id;
} hks_call;

typedef struct hks_sink {
    uint32_t struct_size;
    uint32_t reserved;
    void *context;
    uint64_t size_max;
    int32_t (*emit)(const struct hks_sink *sink, hks_bytes bytes);
    int32_t (*set_content_type)(const struct hks_sink *sink, hks_bytes type);
} hks_sink;

typedef struct hks_host {
    uint32_t struct_size;
    uint32_t abi_minor;
    void *context;
    void (*report)(const struct hks_host *host, hks_bytes sentence, uint64_t position);
    void (*log)(const struct hks_host *host, int32_t level, hks_bytes message);
    int64_t (*wall_ms)(const struct hks_host *host);
    int64_t (*monotonic_ns)(const struct hks_host *host);
    int32_t (*random_bytes)(const struct hks_host *host, uint8_t *bytes, uint64_t size);
    int32_t (*store)(const struct hks_host *host, hks_bytes key, hks_bytes value, int64_t expires_wall_ms);
    int32_t (*load)(const struct hks_host *host, hks_bytes key, hks_bytes *value);
    void (*count)(const struct hks_host *host, hks_bytes name, uint64_t amount);
    int32_t (*cancelled)(const struct hks_host *host);
    const void *(*get_service)(const struct hks_host *host, hks_bytes id);
} hks_host;

typedef struct hks_component {
    uint32_t struct_size;
    uint32_t flags;
    hks_bytes name;
    hks_bytes version;
    hks_bytes description;
    hks_bytes settings_schema;
    int32_t (*create)(const hks_host *host, hks_bytes settings, hks_instance **instance);
    void (*destroy)(hks_instance *instance);
    const void *calls;
} hks_component;

typedef struct hks_kind {
    uint32_t struct_size;
    uint32_t component_count;
    const hks_component *const *components;
} hks_kind;

typedef struct hks_entry {
    uint32_t magic;
    uint32_t struct_size;
    uint32_t abi_major;
    uint32_t abi_minor;
    const hks_kind *(*get_kind)(const char *kind_id);
} hks_entry;

typedef struct hks_request {
    uint32_t struct_size;
    uint32_t header_count;
    hks_bytes method;
    hks_bytes url;
    const hks_header *headers;
    hks_bytes body;
} hks_request;

typedef struct hks_fetch_request {
    uint32_t struct_size;
    uint32_t header_count;
    hks_bytes method;
    hks_bytes url;
    const hks_header *headers;
    hks_bytes body;
} hks_fetch_request;

typedef struct hks_fetch_response {
    uint32_t struct_size;
    uint32_t http_status;
    uint32_t reserved;
    uint32_t header_count;
    const hks_header *headers;
    hks_bytes body;
} hks_fetch_response;

typedef struct hks_authentication {
    uint32_t struct_size;
    uint32_t reserved;
    void *context;
    int32_t (*set_header)(const struct hks_authentication *authentication, hks_bytes name, hks_bytes value);
    int32_t (*fetch)(const struct hks_authentication *authentication, const hks_fetch_request *request);
} hks_authentication;

typedef struct hks_authenticator_calls {
    uint32_t struct_size;
    uint32_t reserved;
    int32_t (*authenticate)(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication);
    int32_t (*fetched)(hks_instance *instance, const hks_call *call, const hks_fetch_response *response);
    int32_t (*rejected)(hks_instance *instance, const hks_call *call, uint32_t http_status);
} hks_authenticator_calls;

typedef struct hks_transformer_calls {
    uint32_t struct_size;
    uint32_t reserved;
    int32_t (*apply)(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output);
} hks_transformer_calls;

typedef struct hks_failure {
    uint32_t struct_size;
    uint32_t attempt_number;
    uint32_t attempts_max;
    uint32_t outcome;
    uint32_t http_status;
    uint32_t reserved;
    int64_t retry_after_ms;
    int64_t elapsed_ms;
    uint64_t random;
} hks_failure;

enum { HKS_AGAIN = 1, HKS_GIVE_UP = 2 };

typedef struct hks_retry_decision {
    uint32_t struct_size;
    int32_t action;
    int64_t delay_ms;
} hks_retry_decision;

typedef struct hks_retry_policy_calls {
    uint32_t struct_size;
    uint32_t reserved;
    int32_t (*decide)(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision);
} hks_retry_policy_calls;
