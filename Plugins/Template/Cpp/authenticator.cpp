// plugin.cpp - an authenticator in C++ to start from: it puts the event's id into a header of your choice.
//
// 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.
#include <hooksentry_plugin.h>

#include <exception>
#include <string>
#include <string_view>

namespace {

hks_bytes bytes(std::string_view text)
{
    return {reinterpret_cast<const uint8_t *>(text.data()), text.size()};
}

std::string_view view(hks_bytes text)
{
    return {reinterpret_cast<const char *>(text.data), text.data == nullptr ? 0 : static_cast<size_t>(text.size)};
}

// A status other than HKS_OK goes with a sentence for people; it must hold no secret.
int32_t refuse(const hks_host *host, int32_t status, std::string_view sentence)
{
    host->report(host, bytes(sentence), HKS_NO_POSITION);
    return status;
}

// The text between the next two quotation marks. The schema below leaves this component nothing but names in its
// settings; for anything richer, bring a JSON parser.
bool next_text(std::string_view settings, size_t &start, std::string_view &text)
{
    const size_t open = settings.find('"', start);
    const size_t close = open == settings.npos ? open : settings.find('"', open + 1);
    if (close == settings.npos) {
        return false;
    }
    text = settings.substr(open + 1, close - open - 1);
    start = close + 1;
    return true;
}

} // namespace

// 2. What one configured component keeps. The host only passes the pointer back.
struct hks_instance {
    const hks_host *host;
    std::string header_name;
};

namespace {

// 3. Make an instance: settings is one JSON object that satisfies the schema below. Do all costly preparation here. To
//    refuse settings for a reason that a schema cannot express, report it and return HKS_INVALID_SETTINGS. No exception
//    may leave any of these functions.
int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance)
{
    try {
        std::string_view name = "X-Event-Id", word, value;
        for (size_t at = 0; next_text(view(settings), at, word) && next_text(view(settings), at, value);) {
            if (word == "headerName") {
                name = value;
            }
        }
        if (name.empty() || name.size() > 100 || name.find('\\') != name.npos) {
            return refuse(host, HKS_INVALID_SETTINGS, "headerName must have 1 to 100 characters, no escapes");
        }
        *instance = new hks_instance{host, std::string(name)};
        return HKS_OK;
    } catch (const std::exception &error) {
        return refuse(host, HKS_INTERNAL, error.what());
    }
}

// 4. Free what create made. Called exactly once. Wipe secrets first (explicit_bzero).
void destroy(hks_instance *instance)
{
    delete instance;
}

// 5. Do the work: set headers, at most 32. Calls to one instance never overlap; calls to different instances do. What
//    call and request point to is borrowed until you return.
int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *,
                     const hks_authentication *authentication)
{
    if (authentication->set_header(authentication, bytes(instance->header_name), call->event_id) != HKS_OK) {
        return refuse(instance->host, HKS_PERMANENT, "The header was refused.");
    }
    return HKS_OK;
}

// 6. The calls of this kind: authenticate, then fetched and rejected for credentials that have to be fetched.
const hks_authenticator_calls calls = {sizeof calls, 0, authenticate, nullptr, nullptr};

// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings. Mark secrets
//    with "writeOnly": true.
constexpr std::string_view schema = R"({
  "type": "object", "additionalProperties": false,
  "properties": {"headerName": {
    "type": "string", "title": "Header name", "maxLength": 100,
    "pattern": "^[A-Za-z][A-Za-z0-9-]*$", "default": "X-Event-Id"
  }}
})";

const hks_component component = {
    sizeof component,
    0,
    HKS_TEXT("TemplateCpp"),
    HKS_TEXT("1.0.0"),
    HKS_TEXT("Puts the event's id into a header of your choice."),
    bytes(schema),
    create,
    destroy,
    &calls,
};

const hks_component *const components[] = {&component};

const hks_kind kind = {sizeof kind, 1, components};

// 8. The id of the kind. Answer null for all others.
const hks_kind *get_kind(const char *kind_id)
{
    return std::string_view(kind_id) == HKS_KIND_AUTHENTICATOR ? &kind : nullptr;
}

const hks_entry entry = {HKS_MAGIC, sizeof entry, HKS_ABI_MAJOR, HKS_ABI_MINOR, get_kind};

} // namespace

// 9. The one symbol that is exported.
const hks_entry *hks_plugin_entry(uint32_t)
{
    return &entry;
}
