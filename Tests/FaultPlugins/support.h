/* support.h - parts of a small plugin without faults. Each fault plugin replaces the one part that is wrong.
 *
 * A fault plugin is put together in three lines, each taking replacements at its end:
 *   TRANSFORMER_CALLS(.apply = apply);                   or AUTHENTICATOR_CALLS, RETRY_POLICY_CALLS
 *   COMPONENT("Fault.late", .create = create);
 *   EXPORT(HKS_KIND_TRANSFORMER);
 */
#ifndef FAULT_SUPPORT_H
#define FAULT_SUPPORT_H

#include <hooksentry_plugin.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED __attribute__((unused))

struct hks_instance {
    const hks_host *host;
    /* For whatever a fault has to remember. */
    hks_bytes kept;
    uint64_t calls;
};

UNUSED static int32_t fail(hks_instance *instance, int32_t status, const char *sentence) {
    hks_bytes bytes = {(const uint8_t *)sentence, strlen(sentence)};
    instance->host->report(instance->host, bytes, HKS_NO_POSITION);
    return status;
}

UNUSED static int32_t good_create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    (void)settings;
    hks_instance *made = calloc(1, sizeof *made);
    if (!made) return HKS_INTERNAL;
    made->host = host;
    *instance = made;
    return HKS_OK;
}

UNUSED static void good_destroy(hks_instance *instance) { free(instance); }

UNUSED static int32_t good_apply(hks_instance *instance, const hks_call *call, hks_bytes payload,
                                 const hks_sink *output) {
    (void)instance, (void)call;
    return output->emit(output, payload);
}

UNUSED static int32_t good_authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                                        const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    return authentication->set_header(authentication, HKS_TEXT("X-Api-Key"), HKS_TEXT("value"));
}

UNUSED static int32_t good_fetched(hks_instance *instance, const hks_call *call, const hks_fetch_response *response) {
    (void)call;
    if (response->http_status != 200 || response->body.size == 0 || response->body.data[0] != '{')
        return fail(instance, HKS_RETRYABLE, "the token endpoint did not answer with a token");
    return instance->host->store(instance->host, HKS_TEXT("token"), HKS_TEXT("t"), INT64_MAX);
}

/* Asks for https://example.com/token. */
UNUSED static int32_t ask_for_fetch(const hks_authentication *authentication) {
    hks_fetch_request request = {.struct_size = sizeof request,
                                 .method = HKS_TEXT("POST"),
                                 .url = HKS_TEXT("https://example.com/token"),
                                 .body = HKS_TEXT("grant_type=client_credentials")};
    return authentication->fetch(authentication, &request);
}

UNUSED static int32_t good_decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                                  hks_retry_decision *decision) {
    (void)instance, (void)call;
    decision->action = HKS_AGAIN;
    decision->delay_ms = 1000 * (int64_t)failure->attempt_number;
    return HKS_OK;
}

#define GOOD_SCHEMA "{\"type\":\"object\",\"properties\":{\"note\":{\"type\":\"string\",\"maxLength\":50}}}"

#define TRANSFORMER_CALLS(...)                                                                                 \
    static const hks_transformer_calls calls = {                                                               \
        .struct_size = sizeof calls, .apply = good_apply, __VA_ARGS__}
#define AUTHENTICATOR_CALLS(...)                                                                               \
    static const hks_authenticator_calls calls = {                                                             \
        .struct_size = sizeof calls, .authenticate = good_authenticate, .fetched = good_fetched, __VA_ARGS__}
#define RETRY_POLICY_CALLS(...)                                                                                \
    static const hks_retry_policy_calls calls = {                                                              \
        .struct_size = sizeof calls, .decide = good_decide, __VA_ARGS__}

#define COMPONENT(NAME, ...)                                                                                   \
    static const hks_component component = {.struct_size = sizeof component,                                   \
                                            .name = HKS_TEXT_INIT(NAME),                                       \
                                            .version = HKS_TEXT_INIT("1.0.0"),                                 \
                                            .description = HKS_TEXT_INIT("Has one fault, on purpose."),        \
                                            .settings_schema = HKS_TEXT_INIT(GOOD_SCHEMA),                     \
                                            .create = good_create,                                             \
                                            .destroy = good_destroy,                                           \
                                            .calls = &calls,                                                   \
                                            __VA_ARGS__}

#define KIND(...)                                                                                              \
    static const hks_component *const components[] = {&component};                                             \
    static const hks_kind kind = {                                                                             \
        .struct_size = sizeof kind, .component_count = 1, .components = components, __VA_ARGS__}

#define GET_KIND(KIND_ID)                                                                                      \
    static const hks_kind *get_kind(const char *kind_id) { return strcmp(kind_id, KIND_ID) == 0 ? &kind : NULL; }

#define ENTRY(...)                                                                                             \
    static const hks_entry entry = {.magic = HKS_MAGIC,                                                        \
                                    .struct_size = sizeof entry,                                               \
                                    .abi_major = HKS_ABI_MAJOR,                                                \
                                    .abi_minor = HKS_ABI_MINOR,                                                \
                                    .get_kind = get_kind,                                                      \
                                    __VA_ARGS__};                                                              \
    const hks_entry *hks_plugin_entry(uint32_t host_abi_major) {                                               \
        (void)host_abi_major;                                                                                  \
        return &entry;                                                                                         \
    }                                                                                                          \
    static const hks_entry entry

#define EXPORT(KIND_ID)                                                                                        \
    KIND();                                                                                                    \
    GET_KIND(KIND_ID)                                                                                          \
    ENTRY()

#endif
