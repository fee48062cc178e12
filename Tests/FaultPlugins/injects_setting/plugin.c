/* Puts a setting into a header as it is; JSON's \r\n in it would begin another header. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    int32_t status = good_create(host, settings, instance);
    if (status != HKS_OK) return status;
    uint8_t *value = malloc(settings.size + 1);
    if (!value) return HKS_INTERNAL;
    uint64_t size = 0;
    for (uint64_t index = 0; index < settings.size; index++) {
        uint8_t byte = settings.data[index];
        if (byte == '\\' && index + 1 < settings.size) {
            uint8_t next = settings.data[++index];
            byte = next == 'r' ? '\r' : next == 'n' ? '\n' : next;
        }
        if (byte < 0x80) value[size++] = byte;
    }
    (*instance)->kept = (hks_bytes){value, size};
    return HKS_OK;
}

static void destroy(hks_instance *instance) {
    free((void *)instance->kept.data);
    free(instance);
}

static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)call, (void)request;
    return authentication->set_header(authentication, HKS_TEXT("X-Note"), instance->kept);
}

AUTHENTICATOR_CALLS(.authenticate = authenticate);
COMPONENT("Fault.injects-setting", .create = create, .destroy = destroy);
EXPORT(HKS_KIND_AUTHENTICATOR);
