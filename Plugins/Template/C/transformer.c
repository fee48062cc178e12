/* plugin.c - a transformer in C to start from: it wraps the payload, {"data": payload}.
 *
 * 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other. */
#include <hooksentry_plugin.h>

#include <stdlib.h>
#include <string.h>

/* 2. What one configured component keeps. The host only passes the pointer back. */
struct hks_instance {
    const hks_host *host;
};

/* A status other than HKS_OK goes with a sentence for people; it must hold no secret. */
static int32_t refuse(const hks_host *host, int32_t status, hks_bytes sentence)
{
    host->report(host, sentence, HKS_NO_POSITION);
    return status;
}

/* 3. Make an instance: settings is one JSON object that satisfies the schema below; this component has none, so it
 *    looks at nothing. To refuse settings, report a sentence and return HKS_INVALID_SETTINGS. */
static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance)
{
    (void)settings;
    hks_instance *made = malloc(sizeof *made);
    if (made == NULL) {
        return refuse(host, HKS_RETRYABLE, HKS_TEXT("There is no memory left."));
    }
    made->host = host;
    *instance = made;
    return HKS_OK;
}

/* 4. Free what create made. Called exactly once. */
static void destroy(hks_instance *instance)
{
    free(instance);
}

/* 5. Do the work: emit the whole result exactly once, the same one for the same payload. Copy values byte for byte: a
 *    number that goes through a double is a number changed. The payload may be anything; refuse what you cannot use. */
static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output)
{
    (void)call;
    static const char before[] = "{\"data\":";
    const uint64_t size = sizeof before - 1 + payload.size + 1;
    if (payload.size == 0) {
        return refuse(instance->host, HKS_PERMANENT, HKS_TEXT("The payload is empty."));
    }
    if (size > output->size_max) {
        return refuse(instance->host, HKS_PERMANENT, HKS_TEXT("The payload is too large to wrap."));
    }
    uint8_t *text = malloc(size);
    if (text == NULL) {
        return refuse(instance->host, HKS_RETRYABLE, HKS_TEXT("There is no memory left."));
    }
    memcpy(text, before, sizeof before - 1);
    memcpy(text + sizeof before - 1, payload.data, payload.size);
    text[size - 1] = '}';
    int32_t status = output->emit(output, (hks_bytes){text, size});
    free(text);
    return status;
}

/* 6. The calls of this kind. */
static const hks_transformer_calls calls = {
    .struct_size = sizeof calls,
    .apply = apply,
};

/* 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings. */
static const hks_component component = {
    .struct_size = sizeof component,
    .name = HKS_TEXT_INIT("TemplateC"),
    .version = HKS_TEXT_INIT("1.0.0"),
    .description = HKS_TEXT_INIT("Wraps the payload in an object: {\"data\": payload}."),
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
    return strcmp(kind_id, HKS_KIND_TRANSFORMER) == 0 ? &kind : NULL;
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
