import COpenSSL
import PluginKit

/// HMAC (RFC 2104) under one key, whose schedule is computed once. One call at a time; not `Sendable`.
public final class HMACKey {
    public let hash: Hash
    // Freed in deinit, which wipes the key.
    private let context: OpaquePointer

    nonisolated(unsafe) private static let algorithm = {
        CryptoLibrary.start
        return EVP_MAC_fetch(nil, "HMAC", nil)
    }()

    public init(_ key: Secret, _ hash: Hash) {
        guard let context = EVP_MAC_CTX_new(Self.algorithm) else { preconditionFailure("no HMAC context") }
        self.hash = hash
        self.context = context
        var digest = Array(hash.name.utf8CString)
        let code = digest.withUnsafeMutableBufferPointer { digest in
            let parameters = [
                openssl_digest_parameter(digest.baseAddress),
                OSSL_PARAM_construct_end(),
            ]
            return key.withBytes { bytes in
                // OpenSSL reads an absent key as "keep the one before"; RFC 2104 pads keys with zeros, so that one
                // zero is the same key as none.
                bytes.isEmpty
                    ? EVP_MAC_init(context, [0], 1, parameters)
                    : EVP_MAC_init(context, bytes.baseAddress, bytes.count, parameters)
            }
        }
        precondition(code == 1, "HMAC refused its key")
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// `hash.size` bytes.
    public func code(of message: [UInt8]) -> [UInt8] {
        let started = EVP_MAC_init(context, nil, 0, nil)
        precondition(started == 1 && EVP_MAC_update(context, message, message.count) == 1, "HMAC failed")
        return [UInt8](unsafeUninitializedCapacity: hash.size) { buffer, count in
            let code = EVP_MAC_final(context, buffer.baseAddress, &count, hash.size)
            precondition(code == 1 && count == hash.size, "HMAC failed")
        }
    }
}
