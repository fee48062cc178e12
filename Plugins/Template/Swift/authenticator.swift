// An authenticator in Swift to start from: it puts the event's id into a header of your choice.
//
// 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.

import PluginKit

// 2. What one configured component keeps. The protocol's comments say what each call may do.
struct Stamp: Authenticator {
    // 3. Name it. Tenants write the name in a destination's settings; it must be unique within its kind.
    static let name = "TemplateSwift"
    static let version = "1.0.0"
    static let summary = "Puts the event's id into a header of your choice."

    // 4. Describe the settings. What breaks this schema never reaches init. Mark secrets with "writeOnly": true.
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "headerName": {
              "type": "string", "title": "Header name", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z][A-Za-z0-9-]*$", "default": "X-Event-Id"
            }
          }
        }
        """

    private let headerName: String

    // 5. Read the settings and do all costly preparation. Throw PluginError.invalidSettings for what a schema cannot
    //    say. Keep a secret in a Secret, which wipes its bytes in the end.
    init(settings: Settings, host: HostServices) throws {
        headerName = try settings.text(ifPresent: "headerName") ?? "X-Event-Id"
    }

    // 6. Do the work. Throw PluginError.retryable or .permanent with a sentence for the tenant if it cannot be done.
    func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials {
        .header(headerName, Secret(text: call.eventID))
    }
}

// 7. Export the component, or several.
@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(Stamp.self))
}
