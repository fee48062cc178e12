import OAuthTokens
import PluginKit

/// `Authorization: Bearer <token>` with a token from an OAuth 2.0 token endpoint (client credentials, RFC 6749, section
/// 4.4). The host keeps the token until shortly before it expires.
struct JwtBearer: Authenticator {
    static let name = "JwtBearer"
    static let version = "1.0.0"
    static let summary = "Fetches an OAuth 2.0 token with client credentials and sends it in the Authorization header."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["tokenEndpoint", "clientId", "clientSecret"],
          "properties": {
            "tokenEndpoint": {
              "type": "string", "title": "Token endpoint", "format": "https-uri", "minLength": 1, "maxLength": 2048,
              "examples": ["https://login.example.com/oauth2/token"]
            },
            "clientId": {"type": "string", "title": "Client id", "minLength": 1, "maxLength": 512},
            "clientSecret": {
              "type": "string", "title": "Client secret", "minLength": 1, "maxLength": 512, "writeOnly": true
            },
            "scope": {
              "type": ["string", "null"], "title": "Scope", "maxLength": 512,
              "description": "Left out of the token request if it is missing or null."
            }
          }
        }
        """

    private let tokens: TokenCache
    private let tokenEndpoint: String
    /// The token request's form, secrets included.
    private let form: Secret

    init(settings: Settings, host: HostServices) throws {
        tokens = TokenCache(host: host)
        for name in ["tokenEndpoint", "clientId", "clientSecret"] { try settings.checkLine(name) }
        try settings.checkLine(ifPresent: "scope")
        tokenEndpoint = try settings.text("tokenEndpoint")
        var fields = FormFields()
        fields.append("grant_type", "client_credentials")
        fields.append("client_id", try settings.text("clientId"))
        if let scope = try settings.text(ifPresent: "scope") { fields.append("scope", scope) }
        form = fields.finished("client_secret", try settings.secret("clientSecret"))
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) -> Credentials {
        tokens.credentials { .tokenRequest(to: tokenEndpoint, form: form) }
    }

    func fetched(_ response: FetchResponse, _ call: Call) throws { try tokens.take(response) }

    func rejected(status: Int, _ call: Call) -> Bool { tokens.drop(status: status) }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(JwtBearer.self))
}
