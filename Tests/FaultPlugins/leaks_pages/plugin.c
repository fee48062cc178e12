/* Takes some pages from the system for each instance and forgets to give them back; malloc knows nothing of them. */
#define _GNU_SOURCE
#include "../support.h"

#include <sys/mman.h>

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    char *pages = mmap(NULL, 32768, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages != MAP_FAILED) memset(pages, 1, 32768);
    return good_create(host, settings, instance);
}

TRANSFORMER_CALLS();
COMPONENT("Fault.leaks-pages", .create = create);
EXPORT(HKS_KIND_TRANSFORMER);
