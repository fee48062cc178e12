import COpenSSL
import Encoding
import PluginKit

/// Private keys as JSON Web Keys: RSA and EC (RFC 7518, section 6), Ed25519 (RFC 8037, section 2).
enum JSONWebKey {
    /// An owned EVP_PKEY; nil if the text is no such key.
    static func privateKey(_ text: Secret) -> OpaquePointer? {
        guard let members = try? text.withBytes({ try Settings(parsing: $0.span) }),
            let type = try? members.text("kty")
        else { return nil }
        switch type {
        case "RSA": return rsaKey(members)
        case "EC": return ecKey(members)
        case "OKP": return ed25519Key(members)
        default: return nil
        }
    }

    private static func rsaKey(_ members: Settings) -> OpaquePointer? {
        // The numbered names of core_names.h are composed macros, which Swift does not import.
        let fields = [
            ("n", OSSL_PKEY_PARAM_RSA_N), ("e", OSSL_PKEY_PARAM_RSA_E), ("d", OSSL_PKEY_PARAM_RSA_D),
            ("p", "rsa-factor1"), ("q", "rsa-factor2"),
            ("dp", "rsa-exponent1"), ("dq", "rsa-exponent2"),
            ("qi", "rsa-coefficient1"),
        ]
        let parameters = KeyParameters()
        for (index, (member, name)) in fields.enumerated() {
            // The primes may be left out (RFC 7518, section 6.3.2), all of them together; "oth" is not known here.
            guard let bytes = bytes(of: member, in: members) else {
                if index < 3 || members.position(of: member) != nil { return nil }
                continue
            }
            guard parameters.add(name, number: bytes) else { return nil }
        }
        return parameters.key("RSA")
    }

    private static func ecKey(_ members: Settings) -> OpaquePointer? {
        let curves = ["P-256": ("prime256v1", 32), "P-384": ("secp384r1", 48)]
        guard let (group, width) = (try? members.text("crv")).flatMap({ curves[$0] }),
            let x = bytes(of: "x", in: members), let y = bytes(of: "y", in: members),
            let d = bytes(of: "d", in: members),
            x.count == width, y.count == width, d.count == width
        else { return nil }
        let point = x.withBytes { x in y.withBytes { y in [4] + Array(x) + Array(y) } }
        let parameters = KeyParameters()
        guard parameters.add(OSSL_PKEY_PARAM_GROUP_NAME, text: group),
            parameters.add(OSSL_PKEY_PARAM_PUB_KEY, bytes: point), parameters.add(OSSL_PKEY_PARAM_PRIV_KEY, number: d),
            let key = parameters.key("EC")
        else { return nil }
        // A public half that belongs to another key would make every receiver's check fail.
        let context = EVP_PKEY_CTX_new_from_pkey(nil, key, nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_pairwise_check(context) == 1 else {
            EVP_PKEY_free(key)
            return nil
        }
        return key
    }

    private static func ed25519Key(_ members: Settings) -> OpaquePointer? {
        guard (try? members.text("crv")) == "Ed25519", let d = bytes(of: "d", in: members), d.count == 32 else {
            return nil
        }
        return d.withBytes { EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, $0.baseAddress, $0.count) }
    }

    private static func bytes(of member: String, in members: Settings) -> Secret? {
        guard let digits = try? members.secret(member), var bytes = digits.withBytes({ Base64.urlDecode($0) }),
            !bytes.isEmpty
        else { return nil }
        return Secret(wiping: &bytes)
    }
}

/// The parameters of a key that is put together from numbers; what was added is wiped with this object.
private final class KeyParameters {
    private let builder = OSSL_PARAM_BLD_new()
    // The builder keeps pointers to what it was given until the key is made.
    private var numbers: [OpaquePointer] = []
    private var buffers: [UnsafeMutableBufferPointer<UInt8>] = []

    deinit {
        OSSL_PARAM_BLD_free(builder)
        for number in numbers { BN_clear_free(number) }
        for buffer in buffers { buffer.deallocate() }
    }

    func add(_ name: String, number: Secret) -> Bool {
        let parsed = number.withBytes { BN_bin2bn($0.baseAddress, Int32($0.count), nil) }
        guard let parsed else { return false }
        numbers.append(parsed)
        return OSSL_PARAM_BLD_push_BN(builder, kept(name), parsed) == 1
    }

    func add(_ name: String, bytes: [UInt8]) -> Bool {
        OSSL_PARAM_BLD_push_octet_string(builder, kept(name), kept(bytes).baseAddress, bytes.count) == 1
    }

    func add(_ name: String, text: String) -> Bool {
        OSSL_PARAM_BLD_push_utf8_string(builder, kept(name), kept(text), 0) == 1
    }

    /// An owned EVP_PKEY; nil if the parameters make no key.
    func key(_ type: String) -> OpaquePointer? {
        guard let parameters = OSSL_PARAM_BLD_to_param(builder) else { return nil }
        defer { OSSL_PARAM_free(parameters) }
        let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_fromdata_init(context) == 1,
            EVP_PKEY_fromdata(context, &key, evp_pkey_keypair, parameters) == 1
        else { return nil }
        return key
    }

    private func kept(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<UInt8> {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        buffers.append(buffer)
        return buffer
    }

    private func kept(_ text: String) -> UnsafePointer<CChar> {
        UnsafeRawPointer(kept(Array(text.utf8) + [0]).baseAddress!).assumingMemoryBound(to: CChar.self)
    }
}
