import COpenSSL
import PluginKit

/// Private keys in PEM (RFC 7468): PKCS #8, PKCS #1 or SEC 1, not encrypted.
enum PEMKey {
    /// An owned EVP_PKEY of one of the types; nil if the text has none. Keys of other types are not even taken apart:
    /// to OpenSSL a DSA key is one whose public half it has to compute, which takes long if the numbers are large.
    static func privateKey(_ text: Secret, _ types: [String]) -> OpaquePointer? {
        for type in types {
            if let key = privateKey(text, type) { return key }
        }
        return nil
    }

    private static func privateKey(_ text: Secret, _ type: String) -> OpaquePointer? {
        text.withBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            // Other blocks may stand before the key's, such as a curve's name.
            var left = BIO_ctrl_pending(source)
            while left > 0 {
                if let key = nextKey(source, type) { return key }
                let rest = BIO_ctrl_pending(source)
                guard rest < left else { break }
                left = rest
            }
            return nil
        }
    }

    /// The key in the next block, if it is one.
    private static func nextKey(_ source: OpaquePointer, _ type: String) -> OpaquePointer? {
        var key: OpaquePointer?
        return withUnsafeMutablePointer(to: &key) { key in
            // It keeps the place of the key, and fills it when it decodes.
            let context = OSSL_DECODER_CTX_new_for_pkey(key, "PEM", nil, type, evp_pkey_keypair, nil, nil)
            guard let context else { return nil }
            defer { OSSL_DECODER_CTX_free(context) }
            // Without this function OpenSSL would ask for the passphrase on the terminal.
            guard OSSL_DECODER_CTX_set_pem_password_cb(context, { _, _, _, _ in -1 }, nil) == 1,
                OSSL_DECODER_from_bio(context, source) == 1
            else {
                EVP_PKEY_free(key.pointee)
                return nil
            }
            return key.pointee
        }
    }
}
