/* transformer.h - kind "hks.transformer/1": payload in, payload out.
 *
 * A transformer is a program compiled once, by create, and applied many times. It is a function of its
 * settings and the payload alone: the same input gives the same output, so that a retry or a replay sends
 * what the first attempt sent. Several may be chained; each gets the output of the one before.
 *
 * A value that is copied from input to output must be copied byte for byte: a number re-rendered is a
 * number changed (1.10, 1e400 and 12345678901234567890 do not survive a trip through a double).
 *
 * In create, a mistake in the program is reported with its position in the settings.
 */
#ifndef HOOKSENTRY_TRANSFORMER_H
#define HOOKSENTRY_TRANSFORMER_H

#include "types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct hks_transformer_calls {
    uint32_t struct_size;
    uint32_t reserved;

    /* Transforms one payload: emits the whole result into output, exactly once, and returns HKS_OK; or reports
     * a sentence and returns another status, having emitted nothing.
     * call, payload, output: borrowed until return. payload is what the sender posted (a JSON object) or what
     * the transformer before this one emitted, which may be anything.
     * [worker, one call at a time per instance] */
    int32_t (*apply)(hks_instance *instance, const hks_call *call, hks_bytes payload, const hks_sink *output);
} hks_transformer_calls;

#ifdef __cplusplus
}
#endif

#endif
