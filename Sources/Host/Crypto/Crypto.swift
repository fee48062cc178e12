// Crypto: hashes, keyed codes, sealing, passwords and tokens, all over OpenSSL 3, which no other host module imports.
//
// Functions are blocking and pure of I/O; whatever is `Sendable` may be used from any thread. Only `HMACSHA256` and
// `WebhookSigner` belong to one thread at a time, because they keep a keyed context of OpenSSL's.

// Base64 and hexadecimal digits, which plugins write as well.
@_exported import Encoding
