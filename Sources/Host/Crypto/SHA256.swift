import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// Bytes of a digest.
    package static let size = 32

    // Fetched once: the implicit look-up of every EVP_sha256() call costs more than hashing a token.
    // A fetched algorithm is immutable and may be shared between threads.
    nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

    /// 32 bytes.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { digest, count in
            let code = EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, algorithm, nil)
            precondition(code == 1, "SHA-256 failed: \(lastOpenSSLError())")
            count = size
        }
    }

    /// Of the text's UTF-8; 64 lower-case hexadecimal digits.
    package static func hexHash(_ text: String) -> String {
        Hex.encode(hash(Array(text.utf8)))
    }
}

/// The newest entry of the calling thread's OpenSSL error queue, which it empties.
func lastOpenSSLError() -> String {
    let code = ERR_peek_last_error()
    ERR_clear_error()
    guard code != 0, let reason = ERR_reason_error_string(code) else { return "OpenSSL gave no reason" }
    return String(cString: reason)
}
