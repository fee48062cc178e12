import COpenSSL
import Encoding

/// The public half of a P-256 key, for checking what a private key has signed.
final class PublicKey {
    struct Unusable: Error {}

    private let key: OpaquePointer

    /// The point's coordinates as a JSON Web Key has them.
    init(x: String, y: String) throws {
        guard let x = Base64.urlDecode(x), let y = Base64.urlDecode(y) else { throw Unusable() }
        // SubjectPublicKeyInfo (RFC 5480) of a point on P-256: all but the point is constant.
        let frame = Hex.decode("3059301306072a8648ce3d020106082a8648ce3d030107034200")!
        let encoded = frame + [4] + x + y
        let parsed = encoded.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return d2i_PUBKEY(nil, &start, bytes.count)
        }
        guard let parsed else { throw Unusable() }
        key = parsed
    }

    deinit { EVP_PKEY_free(key) }

    /// Whether this is an ECDSA signature with SHA-256 over the message: r and s, 32 bytes each.
    func accepts(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64, let pair = ECDSA_SIG_new() else { return false }
        defer { ECDSA_SIG_free(pair) }
        ECDSA_SIG_set0(
            pair, BN_bin2bn(Array(signature[..<32]), 32, nil), BN_bin2bn(Array(signature[32...]), 32, nil))
        var encoded: UnsafeMutablePointer<UInt8>?
        let size = i2d_ECDSA_SIG(pair, &encoded)
        defer { CRYPTO_free(encoded, nil, 0) }
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        guard size > 0, EVP_DigestVerifyInit(context, nil, EVP_sha256(), nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, encoded, Int(size), message, message.count) == 1
    }
}
