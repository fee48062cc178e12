// plugin.cpp - a transformer in C++ to start from: it wraps the payload, {"data": payload}.
//
// 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.
#include <hooksentry_plugin.h>

#include <exception>
#include <new>
#include <string>
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

// 5. Do the work: emit the whole result exactly once, the same one for the same payload. Copy values byte for byte: a
//    number that goes through a double is a number changed. The payload may be anything; refuse what you cannot use.
int32_t apply(hks_instance *instance, const hks_call *, hks_bytes payload, const hks_sink *output)
{
    try {
        if (payload.size == 0) {
            return refuse(instance->host, HKS_PERMANENT, "The payload is empty.");
        }
        std::string text = "{\"data\":";
        if (payload.size > output->size_max - text.size() - 1) {
            return refuse(instance->host, HKS_PERMANENT, "The payload is too large to wrap.");
        }
        text.append(reinterpret_cast<const char *>(payload.data), payload.size).push_back('}');
        return output->emit(output, bytes(text));
    } catch (const std::exception &error) {
        return refuse(instance->host, HKS_INTERNAL, error.what());
    }
}

// 6. The calls of this kind.
const hks_transformer_calls calls = {sizeof calls, 0, apply};

// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings.
const hks_component component = {
    sizeof component,
    0,
    HKS_TEXT("TemplateCpp"),
    HKS_TEXT("1.0.0"),
    HKS_TEXT("Wraps the payload in an object: {\"data\": payload}."),
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
    return std::string_view(kind_id) == HKS_KIND_TRANSFORMER ? &kind : nullptr;
}

const hks_entry entry = {HKS_MAGIC, sizeof entry, HKS_ABI_MAJOR, HKS_ABI_MINOR, get_kind};

} // namespace

// 9. The one symbol that is exported.
const hks_entry *hks_plugin_entry(uint32_t)
{
    return &entry;
}
