// plugin.cpp - a retry policy in C++ to start from: it waits longer after each attempt, ten seconds, twenty, thirty
// and so on, and gives up at once when the destination says it is gone.
//
// 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.
#include <hooksentry_plugin.h>

#include <algorithm>
#include <new>
#include <string_view>

namespace {

hks_bytes bytes(std::string_view text)
{
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

// A status other than HKS_OK goes with a sentence for people; it must hold no secret.
int32_t refuse(const hks_host *host, int32_t status, std::string_view sentence)
{
    host->report(host, bytes(sentence), HKS_NO_POSITION);
    return status;
}

} // namespace

// 2. What one configured component keeps. The host only passes the pointer back.
struct hks_instance {
    const hks_host *host;
};

namespace {

// 3. Make an instance: settings is one JSON object that satisfies the schema below; this component has none, so it
//    looks at nothing. To refuse settings, report a sentence and return HKS_INVALID_SETTINGS. No exception may leave any
//    of these functions.
int32_t create(const hks_host *host, hks_bytes, hks_instance **instance)
{
    *instance = new (std::nothrow) hks_instance{host};
    return *instance != nullptr ? HKS_OK : refuse(host, HKS_RETRYABLE, "There is no memory left.");
}

// 4. Free what create made. Called exactly once.
void destroy(hks_instance *instance)
{
    delete instance;
}

constexpr int64_t step_ms = 10'000;
constexpr int64_t delay_max_ms = 86'400'000;

// 5. Do the work: the same failure gives the same decision. Calls to one instance never overlap; calls to different
//    instances do.
int32_t decide(hks_instance *, const hks_call *, const hks_failure *failure, hks_retry_decision *decision)
{
    if (failure->outcome == HKS_OUTCOME_GONE) {
        decision->action = HKS_GIVE_UP;
        return HKS_OK;
    }
    const int64_t wanted_ms = std::max(step_ms * failure->attempt_number, failure->retry_after_ms);
    decision->action = HKS_AGAIN;
    decision->delay_ms = std::min(wanted_ms, delay_max_ms);
    return HKS_OK;
}

// 6. The calls of this kind.
const hks_retry_policy_calls calls = {sizeof calls, 0, decide};

// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings.
const hks_component component = {
    sizeof component,
    0,
    HKS_TEXT("TemplateCpp"),
    HKS_TEXT("1.0.0"),
    HKS_TEXT("Waits ten seconds longer after each attempt."),
    HKS_TEXT("{\"type\": \"object\", \"additionalProperties\": false}"),
    create,
    destroy,
    &calls,
};

const hks_component *const components[] = {&component};

const hks_kind kind = {sizeof kind, 1, components};

// 8. The id of the kind. Answer null for all others.
const hks_kind *get_kind(const char *kind_id)
{
    return std::string_view(kind_id) == HKS_KIND_RETRY_POLICY ? &kind : nullptr;
}

const hks_entry entry = {HKS_MAGIC, sizeof entry, HKS_ABI_MAJOR, HKS_ABI_MINOR, get_kind};

} // namespace

// 9. The one symbol that is exported.
const hks_entry *hks_plugin_entry(uint32_t)
{
    return &entry;
}
