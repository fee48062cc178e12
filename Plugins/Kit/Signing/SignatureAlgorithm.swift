/// How a private key signs: the padding or curve, and the hash of the message.
public enum SignatureAlgorithm: Sendable, Equatable {
    /// RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
    case rsaPKCS1(Hash)
    /// RSASSA-PSS (RFC 8017, section 8.1) with MGF1 over the same hash and a salt of its length.
    case rsaPSS(Hash)
    /// ECDSA with P-256 and SHA-256; the signature is r and s, 32 bytes each.
    case ecdsaP256
    /// ECDSA with P-384 and SHA-384; the signature is r and s, 48 bytes each.
    case ecdsaP384
    /// Ed25519 (RFC 8032).
    case ed25519

    var hash: Hash? {
        switch self {
        case .rsaPKCS1(let hash), .rsaPSS(let hash): hash
        case .ecdsaP256: .sha256
        case .ecdsaP384: .sha384
        case .ed25519: nil
        }
    }

    /// OpenSSL's names of the types of key that it takes.
    var keyTypes: [String] {
        switch self {
        case .rsaPKCS1: ["RSA"]
        case .rsaPSS: ["RSA", "RSA-PSS"]
        case .ecdsaP256, .ecdsaP384: ["EC"]
        case .ed25519: ["ED25519"]
        }
    }

    /// What it needs, for sentences.
    var wantedKey: String {
        switch self {
        case .rsaPKCS1, .rsaPSS: "an RSA key of 2,048 to 8,192 bits (4,096 without its primes)"
        case .ecdsaP256: "an EC key on the curve P-256"
        case .ecdsaP384: "an EC key on the curve P-384"
        case .ed25519: "an Ed25519 key"
        }
    }
}
