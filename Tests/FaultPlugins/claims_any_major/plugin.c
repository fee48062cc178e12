/* Says that it was built for whatever version the host speaks. */
#include "../support.h"

TRANSFORMER_CALLS();
COMPONENT("Fault.claims-any-major");
KIND();
GET_KIND(HKS_KIND_TRANSFORMER)
const hks_entry *hks_plugin_entry(uint32_t host_abi_major) {
    static hks_entry entry;
    entry = (hks_entry){HKS_MAGIC, sizeof entry, host_abi_major, HKS_ABI_MINOR, get_kind};
    return &entry;
}
