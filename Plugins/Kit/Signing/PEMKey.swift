import COpenSSL
import PluginKit

/// Private keys in PEM (RFC 7468): PKCS #8, PKCS #1 or SEC 1, not encrypted.
///
/// Block by block and not by OpenSSL's reader for any key: what is no key of a wanted type is not even taken apart,
/// because to OpenSSL a DSA key is one whose public half it has to compute, which takes long if the numbers are large.
/// Nor by its decoders, which find nothing in a process that may open no file.
enum PEMKey {
    /// The algorithms of PKCS #8 keys (RFC 5208) by the names that OpenSSL has for types of keys.
    private static let algorithms = [
        "RSA": NID_rsaEncryption, "RSA-PSS": NID_rsassaPss, "EC": NID_X9_62_id_ecPublicKey, "ED25519": NID_ED25519,
    ]

    /// An owned EVP_PKEY of one of the types; nil if the text has none. Other blocks may stand before the key's, such
    /// as a curve's name.
    static func privateKey(_ text: Secret, _ types: [String]) -> OpaquePointer? {
        text.withBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            while let block = Block(source) {
                if let key = block.key(types) { return key }
            }
            return nil
        }
    }

    private struct Block: ~Copyable {
        private var name: UnsafeMutablePointer<CChar>?
        private var header: UnsafeMutablePointer<CChar>?
        private var content: UnsafeMutablePointer<UInt8>?
        private var count = 0

        /// The next one; nil after the last.
        init?(_ source: OpaquePointer) {
            guard PEM_read_bio(source, &name, &header, &content, &count) == 1 else { return nil }
        }

        deinit {
            CRYPTO_free(name, #file, #line)
            CRYPTO_free(header, #file, #line)
            CRYPTO_clear_free(content, count, #file, #line)
        }

        func key(_ types: [String]) -> OpaquePointer? {
            guard let name else { return nil }
            var place = UnsafePointer(content)
            switch String(cString: name) {
            case "PRIVATE KEY":
                return PEMKey.key(PKCS8: &place, count, types)
            case "RSA PRIVATE KEY" where types.contains("RSA"):
                return d2i_PrivateKey(EVP_PKEY_RSA, nil, &place, count)
            case "EC PRIVATE KEY" where types.contains("EC"):
                return d2i_PrivateKey(EVP_PKEY_EC, nil, &place, count)
            default:
                return nil
            }
        }
    }

    private static func key(
        PKCS8 place: inout UnsafePointer<UInt8>?, _ count: Int, _ types: [String]
    ) -> OpaquePointer? {
        guard let envelope = d2i_PKCS8_PRIV_KEY_INFO(nil, &place, count) else { return nil }
        defer { PKCS8_PRIV_KEY_INFO_free(envelope) }
        var algorithm: OpaquePointer?
        guard PKCS8_pkey_get0(&algorithm, nil, nil, nil, envelope) == 1,
            types.contains(where: { algorithms[$0] == OBJ_obj2nid(algorithm) })
        else { return nil }
        return EVP_PKCS82PKEY(envelope)
    }
}
