/* plugin.c - "Authorization: Basic" (RFC 7617) with credentials in UTF-8.
 *
 * The header's value is made once, by create; user name and password are wiped right after. */
#define _DEFAULT_SOURCE
#include <hooksentry_plugin.h>

#include "base64.h"
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hks_instance {
    const hks_host *host;
    /* "Basic ..." without a terminating zero. */
    uint8_t *value;
    size_t value_size;
};

static int32_t refuse(const hks_host *host, int32_t status, const char *member, const char *problem, uint64_t position)
{
    char sentence[160];
    int size = snprintf(sentence, sizeof sentence, "%s %s.", member, problem);
    host->report(host, (hks_bytes){(const uint8_t *)sentence, (uint64_t)size}, position);
    return status;
}

/* Reads one of the two members and holds it to the rules they share. On HKS_OK, value is to be freed. */
static int32_t read_member(const hks_host *host, hks_bytes settings, const char *name, text *value)
{
    uint64_t position;
    switch (settings_text(settings, name, value, &position)) {
    case SETTINGS_OK:
        break;
    case SETTINGS_MISSING:
        return refuse(host, HKS_INVALID_SETTINGS, name, "is missing", HKS_NO_POSITION);
    case SETTINGS_NOT_TEXT:
        return refuse(host, HKS_INVALID_SETTINGS, name, "must be a text", position);
    case SETTINGS_NOT_JSON:
        return refuse(host, HKS_INVALID_SETTINGS, name, "cannot be read, the settings are not JSON", position);
    case SETTINGS_NO_MEMORY:
        return refuse(host, HKS_RETRYABLE, name, "cannot be read, there is no memory left", HKS_NO_POSITION);
    }
    const char *problem = NULL;
    if (text_is_blank(value)) {
        problem = "must not be blank";
    } else if (text_contains(value, '\r') || text_contains(value, '\n') || text_contains(value, 0)) {
        problem = "must not contain a carriage return, line feed or zero byte";
    } else if (strcmp(name, "username") == 0 && text_contains(value, ':')) {
        problem = "must not contain a colon";
    }
    if (problem != NULL) {
        text_free(value);
        return refuse(host, HKS_INVALID_SETTINGS, name, problem, position);
    }
    return HKS_OK;
}

/* Owned, released by destroy; NULL if there is no memory left. */
static hks_instance *make_instance(const hks_host *host, const text *username, const text *password)
{
    static const char scheme[] = "Basic ";
    size_t scheme_size = sizeof scheme - 1;
    size_t pair_size = username->size + 1 + password->size;
    size_t value_size = scheme_size + base64_size(pair_size);
    hks_instance *instance = malloc(sizeof *instance);
    uint8_t *pair = malloc(pair_size);
    uint8_t *value = malloc(value_size);
    if (instance == NULL || pair == NULL || value == NULL) {
        free(instance);
        free(pair);
        free(value);
        return NULL;
    }
    memcpy(pair, username->bytes, username->size);
    pair[username->size] = ':';
    memcpy(pair + username->size + 1, password->bytes, password->size);
    memcpy(value, scheme, scheme_size);
    base64_encode(pair, pair_size, value + scheme_size);
    explicit_bzero(pair, pair_size);
    free(pair);
    *instance = (hks_instance){host, value, value_size};
    return instance;
}

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance)
{
    text username = {NULL, 0};
    text password = {NULL, 0};
    int32_t status = read_member(host, settings, "username", &username);
    if (status == HKS_OK) {
        status = read_member(host, settings, "password", &password);
    }
    if (status == HKS_OK) {
        hks_instance *made = make_instance(host, &username, &password);
        if (made != NULL) {
            *instance = made;
        } else {
            status = refuse(host, HKS_RETRYABLE, "The header", "cannot be made, there is no memory left",
                            HKS_NO_POSITION);
        }
    }
    text_free(&username);
    text_free(&password);
    return status;
}

static void destroy(hks_instance *instance)
{
    explicit_bzero(instance->value, instance->value_size);
    free(instance->value);
    free(instance);
}

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication)
{
    (void)call;
    (void)request;
    hks_bytes value = {instance->value, instance->value_size};
    int32_t status = authentication->set_header(authentication, HKS_TEXT("Authorization"), value);
    if (status != HKS_OK) {
        return refuse(instance->host, HKS_PERMANENT, "The Authorization header", "was refused by the host",
                      HKS_NO_POSITION);
    }
    return HKS_OK;
}

static const hks_authenticator_calls calls = {
    .struct_size = sizeof calls,
    .authenticate = authenticate,
};

static const char schema[] =
    "{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\","
    " \"type\": \"object\", \"required\": [\"username\", \"password\"],"
    " \"properties\": {"
    "  \"username\": {\"type\": \"string\", \"title\": \"User name\", \"minLength\": 1, \"maxLength\": 512,"
    "   \"description\": \"Without a colon, which separates it from the password.\"},"
    "  \"password\": {\"type\": \"string\", \"title\": \"Password\", \"minLength\": 1, \"maxLength\": 512,"
    "   \"writeOnly\": true}}}";

static const hks_component component = {
    .struct_size = sizeof component,
    .name = HKS_TEXT_INIT("BasicAuth"),
    .version = HKS_TEXT_INIT("1.0.0"),
    .description = HKS_TEXT_INIT("Sends a user name and a password in the Authorization header."),
    .settings_schema = HKS_TEXT_INIT(schema),
    .create = create,
    .destroy = destroy,
    .calls = &calls,
};

static const hks_component *const components[] = {&component};

static const hks_kind kind = {.struct_size = sizeof kind, .component_count = 1, .components = components};

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

const hks_entry *hks_plugin_entry(uint32_t host_abi_major)
{
    (void)host_abi_major;
    return &entry;
}
