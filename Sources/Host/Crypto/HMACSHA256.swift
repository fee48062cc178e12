import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key. The key's schedule is computed once and kept, which makes each code of a
/// small message about three times cheaper. One thread at a time; not `Sendable`.
package final class HMACSHA256 {
    /// Bytes of a code.
    package static let size = 32

    // Fetched once; a fetched algorithm is immutable and may be shared between threads.
    nonisolated(unsafe) private static let algorithm = EVP_MAC_fetch(nil, "HMAC", nil)
    // Freed in deinit.
    private let context: OpaquePointer

    package init(key: [UInt8]) {
        guard let context = EVP_MAC_CTX_new(Self.algorithm) else {
            preconditionFailure("no HMAC context: \(lastOpenSSLError())")
        }
        self.context = context
        // OpenSSL reads an absent key as "keep the one before"; RFC 2104 pads keys with zeros, so one zero is the
        // same key as none.
        let key = key.isEmpty ? [0] : key
        var digest = Array("SHA256".utf8CString)
        let code = digest.withUnsafeMutableBufferPointer { digest in
            let parameters = [
                openssl_digest_parameter(digest.baseAddress),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_init(context, key, key.count, parameters)
        }
        precondition(code == 1, "HMAC refused its key: \(lastOpenSSLError())")
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// The code over all parts, one after the other, without joining them. 32 bytes.
    package func code(of parts: [UInt8]...) -> [UInt8] { code(of: parts) }

    package func code(of parts: [[UInt8]]) -> [UInt8] {
        restart()
        for part in parts { part.withUnsafeBytes { add($0) } }
        return finish()
    }

    /// bytes: borrowed until return.
    package func code(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        restart()
        add(bytes)
        return finish()
    }

    private func restart() {
        let code = EVP_MAC_init(context, nil, 0, nil)
        precondition(code == 1, "HMAC could not start again: \(lastOpenSSLError())")
    }

    private func add(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        EVP_MAC_update(context, start.assumingMemoryBound(to: UInt8.self), bytes.count)
    }

    private func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
            let code = EVP_MAC_final(context, buffer.baseAddress, &count, Self.size)
            precondition(code == 1 && count == Self.size, "HMAC failed: \(lastOpenSSLError())")
        }
    }
}
