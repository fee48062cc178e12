/* plugin.c - a retry policy in C to start from: it waits longer after each attempt, ten seconds, twenty, thirty and
 * so on, and gives up at once when the destination says it is gone.
 *
 * 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other. */
#include <hooksentry_plugin.h>

#include <stdlib.h>
#include <string.h>

/* 2. What one configured component keeps. The host only passes the pointer back. */
struct hks_instance {
    const hks_host *host;
    int64_t step_ms;
};

/* 3. Make an instance. settings is one JSON object that satisfies the schema below; this component has none, so it
 *    looks at nothing. To refuse settings, report a sentence and return HKS_INVALID_SETTINGS. */
static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance)
{
    (void)settings;
    hks_instance *made = malloc(sizeof *made);
    if (made == NULL) {
        host->report(host, HKS_TEXT("There is no memory left."), HKS_NO_POSITION);
        return HKS_RETRYABLE;
    }
    made->host = host;
    made->step_ms = 10000;
    *instance = made;
    return HKS_OK;
}

/* 4. Free what create made. Called exactly once. */
static void destroy(hks_instance *instance)
{
    free(instance);
}

/* 5. Do the work: the same failure gives the same decision. Calls to one instance never overlap; calls to different
 *    instances do. */
static int32_t decide(hks_instance *instance, const hks_call *call, const hks_failure *failure,
                      hks_retry_decision *decision)
{
    (void)call;
    if (failure->outcome == HKS_OUTCOME_GONE) {
        decision->action = HKS_GIVE_UP;
        return HKS_OK;
    }
    int64_t delay_ms = instance->step_ms * failure->attempt_number;
    if (delay_ms < failure->retry_after_ms) {
        delay_ms = failure->retry_after_ms;
    }
    int64_t delay_max_ms = INT64_C(86400000);
    decision->action = HKS_AGAIN;
    decision->delay_ms = delay_ms < delay_max_ms ? delay_ms : delay_max_ms;
    return HKS_OK;
}

/* 6. The calls of this kind. */
static const hks_retry_policy_calls calls = {
    .struct_size = sizeof calls,
    .decide = decide,
};

/* 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings. */
static const hks_component component = {
    .struct_size = sizeof component,
    .name = HKS_TEXT_INIT("TemplateC"),
    .version = HKS_TEXT_INIT("1.0.0"),
    .description = HKS_TEXT_INIT("Waits ten seconds longer after each attempt."),
    .settings_schema = HKS_TEXT_INIT("{\"type\": \"object\", \"additionalProperties\": false}"),
    .create = create,
    .destroy = destroy,
    .calls = &calls,
};

static const hks_component *const components[] = {&component};

static const hks_kind kind = {.struct_size = sizeof kind, .component_count = 1, .components = components};

/* 8. The id of the kind. Answer NULL for all others. */
static const hks_kind *get_kind(const char *kind_id)
{
    return strcmp(kind_id, HKS_KIND_RETRY_POLICY) == 0 ? &kind : NULL;
}

static const hks_entry entry = {
    .magic = HKS_MAGIC,
    .struct_size = sizeof entry,
    .abi_major = HKS_ABI_MAJOR,
    .abi_minor = HKS_ABI_MINOR,
    .get_kind = get_kind,
};

/* 9. The one symbol that is exported. */
const hks_entry *hks_plugin_entry(uint32_t host_abi_major)
{
    (void)host_abi_major;
    return &entry;
}
