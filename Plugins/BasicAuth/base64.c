#include "base64.h"

size_t base64_size(size_t size)
{
    return (size + 2) / 3 * 4;
}

void base64_encode(const uint8_t *bytes, size_t size, uint8_t *characters)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3, characters += 4) {
        size_t left = size - i;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (left > 1) {
            group |= (uint32_t)bytes[i + 1] << 8;
        }
        if (left > 2) {
            group |= bytes[i + 2];
        }
        characters[0] = (uint8_t)alphabet[group >> 18];
        characters[1] = (uint8_t)alphabet[group >> 12 & 63];
        characters[2] = left > 1 ? (uint8_t)alphabet[group >> 6 & 63] : '=';
        characters[3] = left > 2 ? (uint8_t)alphabet[group & 63] : '=';
    }
}
