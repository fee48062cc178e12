import PluginKit

/// `Authorization: Bearer <token>` (RFC 6750, section 2.1), with a token that never changes.
struct BearerToken: Authenticator {
    static let name = "BearerToken"
    static let version = "1.0.0"
    static let summary = "Sends a fixed token in the Authorization header."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["token"],
          "properties": {
            "token": {
              "type": "string", "title": "Token", "minLength": 1, "maxLength": 4096, "writeOnly": true,
              "description": "Sent after the word Bearer, as it stands."
            }
          }
        }
        """

    private let value: Secret

    init(settings: Settings, host: HostServices) throws {
        try settings.checkLine("token")
        value = try settings.secret("token", prefix: "Bearer ")
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) -> Credentials {
        .header("Authorization", value)
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(BearerToken.self))
}
