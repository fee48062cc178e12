/* Refuses some settings that its schema accepts, each time for another reason. */
#include "../support.h"

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    static char sentence[] = "the note is wrong in way 0";
    if (settings.size < 100) {
        /* Long settings are welcome; the sample is among these. */
        if (memchr(settings.data, '\\', settings.size) == NULL) return good_create(host, settings, instance);
        sentence[sizeof sentence - 2]++;
        host->report(host, (hks_bytes){(const uint8_t *)sentence, sizeof sentence - 1}, HKS_NO_POSITION);
        return HKS_INVALID_SETTINGS;
    }
    return good_create(host, settings, instance);
}

TRANSFORMER_CALLS();
COMPONENT("Fault.reason-changes", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
