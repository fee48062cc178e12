import PluginKit

/// A header of the tenant's choice with a fixed value.
struct ApiKey: Authenticator {
    static let name = "ApiKey"
    static let version = "1.0.0"
    static let summary = "Sends a fixed key in a header of your choice."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "required": ["headerName", "value"],
          "properties": {
            "headerName": {
              "type": "string", "title": "Header name", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z0-9_-]+$", "examples": ["X-Api-Key"]
            },
            "value": {
              "type": "string", "title": "Value", "minLength": 1, "maxLength": 2048, "writeOnly": true
            }
          }
        }
        """

    private let headerName: String
    private let value: Secret

    init(settings: Settings, host: HostServices) throws {
        headerName = try settings.headerName("headerName")
        try settings.checkLine("value")
        value = try settings.secret("value")
    }

    func authenticate(_ request: OutgoingRequest, _ call: Call) -> Credentials {
        .header(headerName, value)
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(ApiKey.self))
}
