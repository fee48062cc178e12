import PluginKit
import Signing

/// The algorithms of RFC 9421, section 3.3, by their registered names.
enum MessageAlgorithm: String, CaseIterable {
    case hmacSHA256 = "hmac-sha256"
    case rsaPSSSHA512 = "rsa-pss-sha512"
    case rsaPKCS1SHA256 = "rsa-v1_5-sha256"
    case ecdsaP256SHA256 = "ecdsa-p256-sha256"
    case ed25519

    var scheme: SigningScheme {
        switch self {
        case .hmacSHA256: .shared(.sha256)
        case .rsaPSSSHA512: .private(.rsaPSS(.sha512))
        case .rsaPKCS1SHA256: .private(.rsaPKCS1(.sha256))
        case .ecdsaP256SHA256: .private(.ecdsaP256)
        case .ed25519: .private(.ed25519)
        }
    }
}
