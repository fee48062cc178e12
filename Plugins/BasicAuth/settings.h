/* settings.h - reads text members from the settings, which are one JSON object (RFC 8259). */
#ifndef BASIC_AUTH_SETTINGS_H
#define BASIC_AUTH_SETTINGS_H

#include <hooksentry/types.h>

#include <stdbool.h>
#include <stddef.h>

/* Decoded UTF-8. Owned, released by text_free, which wipes it. */
typedef struct text {
    uint8_t *bytes;
    size_t size;
} text;

typedef enum settings_result {
    SETTINGS_OK,
    SETTINGS_MISSING,
    SETTINGS_NOT_TEXT,
    SETTINGS_NOT_JSON,
    SETTINGS_NO_MEMORY
} settings_result;

/* Finds the member with this name (zero-terminated) at the root; the last one counts if there are several.
 * value: set if, and only if, the result is SETTINGS_OK.
 * position: byte offset of the value or of the mistake; settings.size if there is none to point at. */
settings_result settings_text(hks_bytes settings, const char *name, text *value, uint64_t *position);

void text_free(text *value);

/* Whether the text holds this byte. */
bool text_contains(const text *value, uint8_t byte);

/* Whether the text has nothing but ASCII white space. */
bool text_is_blank(const text *value);

#endif
