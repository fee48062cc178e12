import OAuthTokens
import PluginKit

/// `Authorization: Bearer <token>` with a token from an OAuth 2.0 token endpoint (client credentials, RFC 6749, section
/// 4.4). The client proves who it is by its secret or by a signed assertion (RFC 7523).
struct OAuth2: Authenticator {
    static let name = "OAuth2"
    static let version = "1.0.0"
    static let summary = "Fetches an OAuth 2.0 token, with a client secret or a signed assertion, and sends it."

    private let tokens: TokenCache
    private let tokenEndpoint: String
    private let client: ClientAuthentication
    private let fields: [(name: String, value: String)]

    init(settings: Settings, host: HostServices) throws {
        tokens = TokenCache(host: host)
        for name in ["tokenEndpoint", "clientId"] { try settings.checkLine(name) }
        try settings.checkLine(ifPresent: "scope")
        tokenEndpoint = try settings.text("tokenEndpoint")
        client = try ClientAuthentication(settings, host: host)
        var fields = [(name: "grant_type", value: "client_credentials")]
        if let scope = try settings.text(ifPresent: "scope") { fields.append(("scope", scope)) }
        fields += try Self.parameters(settings)
        self.fields = fields
    }

    /// Parameters of the server's own, which must not replace those of the standard.
    private static func parameters(_ settings: Settings) throws(PluginError) -> [(name: String, value: String)] {
        let taken = [
            "grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type",
        ]
        var parameters: [(name: String, value: String)] = []
        for (name, value) in try settings.value("parameters")?.members?.members ?? [] {
            guard let value = value.text, !taken.contains(where: { name.isExactly($0) }) else {
                throw .invalidSettings(
                    "parameters.\(name) must be a text, and none that has a setting of its own.",
                    at: settings.position(of: "parameters"))
            }
            parameters.append((name, value))
        }
        return parameters
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials {
        try tokens.credentials {
            var form = FormFields()
            for (name, value) in fields { form.append(name, value) }
            return try client.request(to: tokenEndpoint, form)
        }
    }

    func fetched(_ response: FetchResponse, _ call: Call) throws { try tokens.take(response) }

    func rejected(status: Int, _ call: Call) -> Bool { tokens.drop(status: status) }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(OAuth2.self))
}
