import Encoding
import OAuthTokens
import PluginKit
import Signing

/// How the client proves to the token endpoint who it is, by its names in the IANA registry of methods.
enum ClientAuthenticationMethod: String, CaseIterable {
    case clientSecretBasic = "client_secret_basic"
    case clientSecretPost = "client_secret_post"
    case privateKeyJWT = "private_key_jwt"
}

/// Puts the client's proof on a token request.
struct ClientAuthentication {
    private enum Proof {
        /// The value of `Authorization` (RFC 6749, section 2.3.1).
        case basic(Secret)
        case post(Secret)
        case assertion(Assertion)
    }

    private let clientID: String
    private let proof: Proof

    init(_ settings: Settings, host: HostServices) throws(PluginError) {
        clientID = try settings.text("clientId")
        let method = try settings.choice(
            "clientAuthentication", default: ClientAuthenticationMethod.clientSecretBasic)
        switch method {
        case .clientSecretBasic:
            try settings.checkLine("clientSecret")
            proof = .basic(Self.basic(clientID, try settings.secret("clientSecret")))
        case .clientSecretPost:
            try settings.checkLine("clientSecret")
            proof = .post(try settings.secret("clientSecret"))
        case .privateKeyJWT: proof = .assertion(try Assertion(settings, clientID: clientID, host: host))
        }
    }

    func request(to endpoint: String, _ form: FormFields) throws(PluginError) -> FetchRequest {
        var form = form
        switch proof {
        case .basic(let authorization):
            return .tokenRequest(to: endpoint, form: form.finished(), authorization: authorization)
        case .post(let secret):
            form.append("client_id", clientID)
            return .tokenRequest(to: endpoint, form: form.finished("client_secret", secret))
        case .assertion(let assertion):
            form.append("client_id", clientID)
            form.append("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            return .tokenRequest(to: endpoint, form: form.finished("client_assertion", try assertion.made()))
        }
    }

    /// Both parts are encoded as in a form before they are joined: a colon in the id could not be told apart else.
    private static func basic(_ clientID: String, _ secret: Secret) -> Secret {
        var joined = PercentEncoding.form.encode(clientID.utf8) + [UInt8(ascii: ":")]
        joined.reserveCapacity(joined.count + 3 * secret.count)
        secret.withBytes { for byte in $0 { PercentEncoding.form.append(byte, to: &joined) } }
        var encoded = Array(Base64.encode(joined).utf8)
        _ = Secret(wiping: &joined)
        return Secret(prefix: "Basic ", Secret(wiping: &encoded))
    }
}

/// A token that the client signs to prove who it is (RFC 7523, section 3). Each is good for one request.
struct Assertion {
    private let signer: TokenSigner
    private let clientID: String
    private let audience: String
    private let lifetimeSeconds: Int64
    private let header: [UInt8]
    private let host: HostServices

    init(_ settings: Settings, clientID: String, host: HostServices) throws(PluginError) {
        self.clientID = clientID
        self.host = host
        signer = try TokenSigner(in: settings, try settings.choice("algorithm", default: TokenAlgorithm.rs256))
        // Section 3 leaves the audience to the two sides; the token endpoint's own URL is what most servers want.
        let endpoint = try settings.text("tokenEndpoint")
        audience = try settings.text(ifPresent: "audience") ?? endpoint
        lifetimeSeconds = try settings.wholeNumber("assertionLifetimeSeconds", default: 60)
        var header: JSONObject = ["alg": .string(signer.algorithm.rawValue), "typ": "JWT"]
        if let keyID = try settings.text(ifPresent: "keyId") { header.members.append(("kid", .string(keyID))) }
        self.header = JSONValue.object(header).serialized()
    }

    func made() throws(PluginError) -> Secret {
        let now = host.wallMilliseconds / 1_000
        let claims: JSONValue = [
            "iss": .string(clientID), "sub": .string(clientID), "aud": .string(audience), "iat": JSONValue(now),
            "exp": JSONValue(now + lifetimeSeconds), "jti": .string(Hex.encode(try host.randomBytes(16))),
        ]
        return try signer.token(header: header, payload: claims.serialized())
    }
}
