/* Needs a function that nobody has, which RTLD_NOW finds out when the library is opened. */
#include <hooksentry_plugin.h>

extern const hks_entry *function_that_does_not_exist(void);

const hks_entry *hks_plugin_entry(uint32_t host_abi_major) {
    (void)host_abi_major;
    return function_that_does_not_exist();
}
