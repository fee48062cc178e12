import COpenSSL

/// Whether both are the same bytes. How long it takes depends on their length alone, never on where they differ.
package func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
}
