import COpenSSL
import PluginKit

/// A private key, parsed once and wiped with this object. One call at a time; not `Sendable`.
public final class SigningKey {
    // Owned; freed in deinit, which wipes what is private in it.
    private let key: OpaquePointer
    private let algorithm: SignatureAlgorithm

    /// The key in a member of the settings: PEM (PKCS #8, PKCS #1 or SEC 1, not encrypted) or a JSON Web Key (RFC 7517)
    /// as text. Throws a sentence that names the member and quotes nothing of the key.
    public init(
        in settings: Settings, _ member: String, for algorithm: SignatureAlgorithm
    ) throws(PluginError) {
        CryptoLibrary.start
        defer { CryptoLibrary.forgetErrors() }
        func refuse(_ rule: String) -> PluginError {
            .invalidSettings("\(member) \(rule).", at: settings.position(of: member))
        }
        let text = try settings.secret(member)
        let isJSON = text.withBytes { bytes in bytes.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{") }
        guard let key = isJSON ? JSONWebKey.privateKey(text) : PEMKey.privateKey(text, algorithm.keyTypes) else {
            throw refuse(
                isJSON
                    ? "is not the private key of an RSA, P-256, P-384 or Ed25519 JSON Web Key"
                    : "is neither \(algorithm.wantedKey) in PEM, without a passphrase, nor a JSON Web Key")
        }
        guard Self.fits(key, algorithm) else {
            EVP_PKEY_free(key)
            throw refuse("must be \(algorithm.wantedKey) for this algorithm")
        }
        self.key = key
        self.algorithm = algorithm
    }

    deinit { EVP_PKEY_free(key) }

    private static func fits(_ key: OpaquePointer, _ algorithm: SignatureAlgorithm) -> Bool {
        guard algorithm.keyTypes.contains(where: { EVP_PKEY_is_a(key, $0) == 1 }) else { return false }
        return switch algorithm {
        case .rsaPKCS1, .rsaPSS: RSANumbers.fit(key)
        case .ecdsaP256: group(of: key) == "prime256v1"
        case .ecdsaP384: group(of: key) == "secp384r1"
        case .ed25519: true
        }
    }

    private static func group(of key: OpaquePointer) -> String {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return "" }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The signature in the form that JOSE (RFC 7518) and HTTP Message Signatures (RFC 9421) use.
    public func signature(of message: [UInt8]) throws(PluginError) -> [UInt8] {
        defer { CryptoLibrary.forgetErrors() }
        guard let signature = evpSignature(of: message) else { throw .bug("The private key did not sign.") }
        switch algorithm {
        case .ecdsaP256: return try Self.joined(signature, width: 32)
        case .ecdsaP384: return try Self.joined(signature, width: 48)
        default: return signature
        }
    }

    private func evpSignature(of message: [UInt8]) -> [UInt8]? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        guard EVP_DigestSignInit(context, &keyContext, algorithm.hash?.algorithm, nil, key) == 1 else { return nil }
        if case .rsaPSS = algorithm {
            guard EVP_PKEY_CTX_set_rsa_padding(keyContext, RSA_PKCS1_PSS_PADDING) == 1,
                EVP_PKEY_CTX_set_rsa_pss_saltlen(keyContext, RSA_PSS_SALTLEN_DIGEST) == 1
            else { return nil }
        }
        var size = 0
        guard EVP_DigestSign(context, nil, &size, message, message.count) == 1 else { return nil }
        var signature = [UInt8](repeating: 0, count: size)
        guard EVP_DigestSign(context, &signature, &size, message, message.count) == 1 else { return nil }
        return Array(signature.prefix(size))
    }

    /// r and s of a DER ECDSA-Sig-Value (RFC 3279, section 2.2.3), each padded to `width` bytes.
    private static func joined(_ der: [UInt8], width: Int) throws(PluginError) -> [UInt8] {
        let joined: [UInt8]? = der.withUnsafeBufferPointer { der in
            var start = der.baseAddress
            guard let parsed = d2i_ECDSA_SIG(nil, &start, der.count) else { return nil }
            defer { ECDSA_SIG_free(parsed) }
            var output = [UInt8](repeating: 0, count: 2 * width)
            let isWritten = output.withUnsafeMutableBufferPointer { output in
                BN_bn2binpad(ECDSA_SIG_get0_r(parsed), output.baseAddress, Int32(width)) == width
                    && BN_bn2binpad(ECDSA_SIG_get0_s(parsed), output.baseAddress! + width, Int32(width)) == width
            }
            return isWritten ? output : nil
        }
        guard let joined else { throw .bug("The private key did not sign.") }
        return joined
    }
}
