/* Reports a sentence that is too long, not UTF-8 and full of control characters. */
#include "../support.h"

static int32_t apply(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output) {
    (void)call, (void)payload, (void)output;
    static char sentence[4000];
    memset(sentence, 0xFE, sizeof sentence - 1);
    memcpy(sentence, "line one\r\nline two\x1b[31m", 22);
    return fail(instance, HKS_PERMANENT, sentence);
}

TRANSFORMER_CALLS(.apply = apply);
COMPONENT("Fault.fails-with-garbage");
EXPORT(HKS_KIND_TRANSFORMER);
