import Encoding
import PluginKit

/// How a token is signed, by its names in JOSE (RFC 7518, section 3.1; RFC 8037, section 3.1).
public enum TokenAlgorithm: String, CaseIterable, Sendable {
    case hs256 = "HS256"
    case hs512 = "HS512"
    case rs256 = "RS256"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case es256 = "ES256"
    case es384 = "ES384"
    case edDSA = "EdDSA"

    var scheme: SigningScheme {
        switch self {
        case .hs256: .shared(.sha256)
        case .hs512: .shared(.sha512)
        case .rs256: .private(.rsaPKCS1(.sha256))
        case .rs512: .private(.rsaPKCS1(.sha512))
        case .ps256: .private(.rsaPSS(.sha256))
        case .es256: .private(.ecdsaP256)
        case .es384: .private(.ecdsaP384)
        case .edDSA: .private(.ed25519)
        }
    }

    /// RFC 7518, section 3.2: as many as the hash has.
    var secretBytesMin: Int {
        if case .shared(let hash) = scheme { hash.size } else { 1 }
    }
}

/// Signs tokens in the compact form of JSON Web Signature (RFC 7515, section 7.1).
public struct TokenSigner {
    public let algorithm: TokenAlgorithm
    private let signer: Signer

    /// The key is in the member `secret` (as `keyEncoding` says) for HS256 and HS512, and else in `privateKey`.
    public init(in settings: Settings, _ algorithm: TokenAlgorithm) throws(PluginError) {
        self.algorithm = algorithm
        signer = try Signer(in: settings, algorithm.scheme, secretBytesMin: algorithm.secretBytesMin)
    }

    /// header: a JSON object that names `algorithm` as its "alg". payload: any bytes.
    public func token(header: [UInt8], payload: [UInt8], prefix: String = "") throws(PluginError) -> Secret {
        var token = Array("\(Base64.urlEncode(header)).\(Base64.urlEncode(payload))".utf8)
        token += Array(".\(Base64.urlEncode(try signer.signature(of: token)))".utf8)
        return Secret(prefix: prefix, token.span)
    }
}
