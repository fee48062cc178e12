/* Follows a null pointer when it hears that its credential was refused. */
#include "../support.h"

static int32_t rejected(hks_instance *instance, const hks_call *call, uint32_t http_status) {
    (void)instance, (void)call, (void)http_status;
    volatile int *volatile nowhere = NULL;
    return *nowhere;
}

AUTHENTICATOR_CALLS(.rejected = rejected);
COMPONENT("Fault.crashes-on-rejection");
EXPORT(HKS_KIND_AUTHENTICATOR);
