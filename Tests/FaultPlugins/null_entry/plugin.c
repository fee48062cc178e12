/* The entry function answers "not for this host". */
#include <hooksentry_plugin.h>

#include <stddef.h>

const hks_entry *hks_plugin_entry(uint32_t host_abi_major) {
    (void)host_abi_major;
    return NULL;
}
