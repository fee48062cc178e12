/* plugin.c - one component of each kind, built against version 1.1 as it was released. What it answers is made from
 * the fields it was handed, so that a field that moved shows. */
#include "interface.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}

struct hks_instance {
    const hks_host *host;
};

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance)
{
    static const hks_bytes sentence = TEXT("The settings are not an object.");
    if (settings.size == 0 || settings.data[0] != '{') {
        host->report(host, sentence, 0);
        return HKS_INVALID_SETTINGS;
    }
    *instance = malloc(sizeof **instance);
    (*instance)->host = host;
    return HKS_OK;
}

static void destroy(hks_instance *instance)
{
    free(instance);
}

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication)
{
    (void)instance;
    static const hks_bytes name = TEXT("X-Event");
    if (request->header_count > 0) {
        authentication->set_header(authentication, request->headers[0].name, request->body);
    }
    return authentication->set_header(authentication, name, call->event_id);
}

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output)
{
    (void)instance;
    (void)call;
    static const hks_bytes type = TEXT("text/csv");
    if (output->struct_size >= sizeof *output && output->set_content_type) {
        output->set_content_type(output, type);
    }
    return payload.size <= output->size_max ? output->emit(output, payload) : HKS_PERMANENT;
}

static int32_t decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision)
{
    (void)call;
    decision->action = failure->attempt_number < failure->attempts_max ? HKS_AGAIN : HKS_GIVE_UP;
    decision->delay_ms = failure->retry_after_ms + failure->elapsed_ms + (int64_t)(failure->random % 10)
        + instance->host->wall_ms(instance->host);
    return HKS_OK;
}

static const hks_authenticator_calls authenticator_calls = {sizeof authenticator_calls, 0, authenticate, NULL, NULL};
static const hks_transformer_calls transformer_calls = {sizeof transformer_calls, 0, apply};
static const hks_retry_policy_calls retry_policy_calls = {sizeof retry_policy_calls, 0, decide};

#define COMPONENT(kind_calls)                                                                            \
    {                                                                                                    \
        sizeof(hks_component), 0, TEXT("Released"), TEXT("1.0.0"), TEXT("Built against version 1.1."),     \
            TEXT("{\"type\":\"object\"}"), create, destroy, &(kind_calls)                                  \
    }

static const hks_component components[] = {
    COMPONENT(authenticator_calls), COMPONENT(transformer_calls), COMPONENT(retry_policy_calls)};
static const hks_component *const lists[] = {&components[0], &components[1], &components[2]};
static const hks_kind kinds[] = {
    {sizeof(hks_kind), 1, &lists[0]}, {sizeof(hks_kind), 1, &lists[1]}, {sizeof(hks_kind), 1, &lists[2]}};

static const hks_kind *get_kind(const char *kind_id)
{
    static const char *const ids[] = {"hks.authenticator/1", "hks.transformer/1", "hks.retry-policy/1"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(kind_id, ids[i]) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

static const hks_entry entry = {0x484B5331, sizeof entry, 1, 1, get_kind};

const hks_entry *hks_plugin_entry(uint32_t host_abi_major);

const hks_entry *hks_plugin_entry(uint32_t host_abi_major)
{
    (void)host_abi_major;
    return &entry;
}
