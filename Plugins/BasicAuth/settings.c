/* settings.c - a reader for the few members this plugin has.
 *
 * The host promises valid JSON. Nothing here relies on that for its safety: every read is bounded by the end of
 * the settings, and what makes no sense ends in SETTINGS_NOT_JSON. */
#define _DEFAULT_SOURCE
#include "settings.h"

#include <stdlib.h>
#include <string.h>

typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
} reader;

static bool next_is(const reader *in, uint8_t byte)
{
    return in->at < in->end && *in->at == byte;
}

static void skip_space(reader *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r')) {
        in->at++;
    }
}

static bool read_hexadecimal(reader *in, uint32_t *value)
{
    *value = 0;
    if (in->end - in->at < 4) {
        return false;
    }
    for (int i = 0; i < 4; i++, in->at++) {
        uint8_t byte = *in->at;
        uint8_t lower = byte | 0x20;
        if (byte >= '0' && byte <= '9') {
            *value = *value << 4 | (uint32_t)(byte - '0');
        } else if (lower >= 'a' && lower <= 'f') {
            *value = *value << 4 | (uint32_t)(lower - 'a' + 10);
        } else {
            return false;
        }
    }
    return true;
}

/* Appends one scalar in UTF-8 (RFC 3629). There is room: an escape is longer than what it stands for. */
static void append_scalar(text *out, uint32_t scalar)
{
    if (scalar < 0x80) {
        out->bytes[out->size++] = (uint8_t)scalar;
    } else if (scalar < 0x800) {
        out->bytes[out->size++] = (uint8_t)(0xC0 | scalar >> 6);
        out->bytes[out->size++] = (uint8_t)(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        out->bytes[out->size++] = (uint8_t)(0xE0 | scalar >> 12);
        out->bytes[out->size++] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
        out->bytes[out->size++] = (uint8_t)(0x80 | (scalar & 0x3F));
    } else {
        out->bytes[out->size++] = (uint8_t)(0xF0 | scalar >> 18);
        out->bytes[out->size++] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
        out->bytes[out->size++] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
        out->bytes[out->size++] = (uint8_t)(0x80 | (scalar & 0x3F));
    }
}

/* The part of \uXXXX after the u, and the second half of a surrogate pair. A half alone becomes U+FFFD. */
static bool read_unicode_escape(reader *in, text *out)
{
    uint32_t scalar;
    if (!read_hexadecimal(in, &scalar)) {
        return false;
    }
    if (scalar >= 0xD800 && scalar <= 0xDBFF) {
        reader ahead = *in;
        uint32_t low = 0;
        bool paired = ahead.end - ahead.at >= 6 && ahead.at[0] == '\\' && ahead.at[1] == 'u';
        if (paired) {
            ahead.at += 2;
            paired = read_hexadecimal(&ahead, &low) && low >= 0xDC00 && low <= 0xDFFF;
        }
        if (paired) {
            *in = ahead;
            scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
        } else {
            scalar = 0xFFFD;
        }
    } else if (scalar >= 0xDC00 && scalar <= 0xDFFF) {
        scalar = 0xFFFD;
    }
    append_scalar(out, scalar);
    return true;
}

static bool read_escape(reader *in, text *out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (in->at == in->end) {
        return false;
    }
    uint8_t letter = *in->at++;
    if (letter == 'u') {
        return read_unicode_escape(in, out);
    }
    const char *found = letter == 0 ? NULL : strchr(letters, letter);
    if (found == NULL) {
        return false;
    }
    append_scalar(out, (uint8_t)meanings[found - letters]);
    return true;
}

/* Decodes a string token into out, which must be empty. On failure, too, out is to be freed. */
static settings_result read_string(reader *in, text *out)
{
    if (!next_is(in, '"')) {
        return SETTINGS_NOT_JSON;
    }
    const uint8_t *closing = ++in->at;
    while (closing < in->end && *closing != '"') {
        closing += *closing == '\\' ? 2 : 1;
    }
    if (closing >= in->end) {
        return SETTINGS_NOT_JSON;
    }
    out->bytes = malloc((size_t)(closing - in->at) + 1);
    if (out->bytes == NULL) {
        return SETTINGS_NO_MEMORY;
    }
    while (in->at < closing) {
        uint8_t byte = *in->at++;
        if (byte != '\\') {
            out->bytes[out->size++] = byte;
        } else if (!read_escape(in, out)) {
            return SETTINGS_NOT_JSON;
        }
    }
    in->at = closing + 1;
    return SETTINGS_OK;
}

/* Moves past one value of any kind. Brackets are counted, not matched: the host has matched them. */
static settings_result skip_value(reader *in)
{
    size_t depth = 0;
    do {
        skip_space(in);
        if (in->at == in->end) {
            return SETTINGS_NOT_JSON;
        }
        uint8_t byte = *in->at;
        if (byte == '"') {
            text ignored = {NULL, 0};
            settings_result result = read_string(in, &ignored);
            text_free(&ignored);
            if (result != SETTINGS_OK) {
                return result;
            }
            continue;
        }
        if (byte == '{' || byte == '[') {
            depth++;
        } else if (byte == '}' || byte == ']') {
            if (depth == 0) {
                return SETTINGS_NOT_JSON;
            }
            depth--;
        } else if (depth == 0) {
            while (in->at < in->end && strchr(",}] \t\r\n", *in->at) == NULL) {
                in->at++;
            }
            return SETTINGS_OK;
        }
        in->at++;
    } while (depth > 0);
    return SETTINGS_OK;
}

/* Reads one member; keeps its value if it has the name that is looked for. */
static settings_result read_member(reader *in, const char *name, text *value, const uint8_t **found)
{
    text key = {NULL, 0};
    settings_result result = read_string(in, &key);
    bool wanted = result == SETTINGS_OK && key.size == strlen(name) && memcmp(key.bytes, name, key.size) == 0;
    text_free(&key);
    skip_space(in);
    if (result != SETTINGS_OK || !next_is(in, ':')) {
        return result != SETTINGS_OK ? result : SETTINGS_NOT_JSON;
    }
    in->at++;
    skip_space(in);
    if (!wanted) {
        return skip_value(in);
    }
    *found = in->at;
    text_free(value);
    return next_is(in, '"') ? read_string(in, value) : SETTINGS_NOT_TEXT;
}

static settings_result read_object(reader *in, const char *name, text *value, const uint8_t **found)
{
    skip_space(in);
    if (!next_is(in, '{')) {
        return SETTINGS_NOT_JSON;
    }
    do {
        in->at++;
        skip_space(in);
        if (next_is(in, '}')) {
            break;
        }
        settings_result result = read_member(in, name, value, found);
        if (result != SETTINGS_OK) {
            return result;
        }
        skip_space(in);
    } while (next_is(in, ','));
    if (!next_is(in, '}')) {
        return SETTINGS_NOT_JSON;
    }
    return *found == NULL ? SETTINGS_MISSING : SETTINGS_OK;
}

settings_result settings_text(hks_bytes settings, const char *name, text *value, uint64_t *position)
{
    reader in = {settings.data, settings.data + settings.size};
    text read = {NULL, 0};
    const uint8_t *found = NULL;
    settings_result result = read_object(&in, name, &read, &found);
    if (result == SETTINGS_NOT_JSON) {
        *position = (uint64_t)(in.at - settings.data);
    } else {
        *position = found == NULL ? settings.size : (uint64_t)(found - settings.data);
    }
    if (result == SETTINGS_OK) {
        *value = read;
    } else {
        text_free(&read);
    }
    return result;
}

void text_free(text *value)
{
    if (value->bytes != NULL) {
        explicit_bzero(value->bytes, value->size);
        free(value->bytes);
    }
    *value = (text){NULL, 0};
}

bool text_contains(const text *value, uint8_t byte)
{
    return value->size > 0 && memchr(value->bytes, byte, value->size) != NULL;
}

bool text_is_blank(const text *value)
{
    for (size_t i = 0; i < value->size; i++) {
        if (value->bytes[i] != ' ' && (value->bytes[i] < 0x09 || value->bytes[i] > 0x0D)) {
            return false;
        }
    }
    return true;
}
