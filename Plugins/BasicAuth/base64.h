/* base64.h - the encoding of RFC 4648, section 4, with padding. */
#ifndef BASIC_AUTH_BASE64_H
#define BASIC_AUTH_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters that `size` bytes come to. */
size_t base64_size(size_t size);

/* Writes base64_size(size) characters, without a terminating zero. */
void base64_encode(const uint8_t *bytes, size_t size, uint8_t *characters);

#endif
