/* plugin.c - an authenticator in C to start from: it puts the event's id into a header of your choice.
 *
 * 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other. */
#include <hooksentry_plugin.h>

#include <stdlib.h>
#include <string.h>

/* 2. What one configured component keeps. The host only passes the pointer back. */
struct hks_instance {
    const hks_host *host;
    char header_name[101];
    uint64_t header_name_size;
};

/* A status other than HKS_OK goes with a sentence for people; it must hold no secret. */
static int32_t refuse(const hks_host *host, int32_t status, hks_bytes sentence)
{
    host->report(host, sentence, HKS_NO_POSITION);
    return status;
}

/* The text between the quotation mark at `start` and the next one. The schema below leaves this component nothing but
 * names in its settings; for anything richer, bring a JSON parser. */
static int next_text(hks_bytes settings, uint64_t *start, hks_bytes *text)
{
    while (*start < settings.size && settings.data[*start] != '"') {
        *start += 1;
    }
    uint64_t end = *start + 1;
    while (end < settings.size && settings.data[end] != '"') {
        end += 1;
    }
    if (end >= settings.size) {
        return 0;
    }
    *text = (hks_bytes){settings.data + *start + 1, end - *start - 1};
    *start = end + 1;
    return 1;
}

static int is(hks_bytes text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.data, word, text.size) == 0;
}

/* 3. Make an instance: settings is one JSON object that satisfies the schema below. Do all costly preparation here. To
 *    refuse settings for a reason that a schema cannot express, report it and return HKS_INVALID_SETTINGS. */
static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance)
{
    hks_bytes name = HKS_TEXT("X-Event-Id");
    hks_bytes word, value;
    for (uint64_t at = 0; next_text(settings, &at, &word) && next_text(settings, &at, &value);) {
        if (is(word, "headerName")) {
            name = value;
        }
    }
    hks_instance *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return refuse(host, HKS_RETRYABLE, HKS_TEXT("There is no memory left."));
    }
    if (name.size == 0 || name.size >= sizeof made->header_name || memchr(name.data, '\\', name.size) != NULL) {
        free(made);
        return refuse(host, HKS_INVALID_SETTINGS, HKS_TEXT("headerName must have 1 to 100 characters, no escapes"));
    }
    made->host = host;
    memcpy(made->header_name, name.data, name.size);
    made->header_name_size = name.size;
    *instance = made;
    return HKS_OK;
}

/* 4. Free what create made. Called exactly once. Wipe secrets first (explicit_bzero). */
static void destroy(hks_instance *instance)
{
    free(instance);
}

/* 5. Do the work: set headers, at most 32. Calls to one instance never overlap; calls to different instances do. What
 *    call and request point to is borrowed until you return. */
static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication)
{
    (void)request;
    hks_bytes name = {(const uint8_t *)instance->header_name, instance->header_name_size};
    if (authentication->set_header(authentication, name, call->event_id) != HKS_OK) {
        return refuse(instance->host, HKS_PERMANENT, HKS_TEXT("The header was refused."));
    }
    return HKS_OK;
}

/* 6. The calls of this kind. Add .fetched and .rejected for credentials that have to be fetched. */
static const hks_authenticator_calls calls = {
    .struct_size = sizeof calls,
    .authenticate = authenticate,
};

/* 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings. Mark secrets
 *    with "writeOnly": true. */
static const char schema[] =
    "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {\"headerName\": {"
    "\"type\": \"string\", \"title\": \"Header name\", \"maxLength\": 100,"
    "\"pattern\": \"^[A-Za-z][A-Za-z0-9-]*$\", \"default\": \"X-Event-Id\"}}}";

static const hks_component component = {
    .struct_size = sizeof component,
    .name = HKS_TEXT_INIT("TemplateC"),
    .version = HKS_TEXT_INIT("1.0.0"),
    .description = HKS_TEXT_INIT("Puts the event's id into a header of your choice."),
    .settings_schema = {(const uint8_t *)schema, sizeof schema - 1},
    .create = create,
    .destroy = destroy,
    .calls = &calls,
};

static const hks_component *const components[] = {&component};

static const hks_kind kind = {.struct_size = sizeof kind, .component_count = 1, .components = components};

/* 8. The id of the kind. Answer NULL for all others. */
static const hks_kind *get_kind(const char *kind_id)
{
    return strcmp(kind_id, HKS_KIND_AUTHENTICATOR) == 0 ? &kind : NULL;
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
