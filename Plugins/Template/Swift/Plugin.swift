// A plugin in Swift to start from: an authenticator that puts the event's id into a header of your choice.
//
// 1. Copy this folder to Plugins/<YourName> and add swiftPlugin("<YourName>") to Package.swift, both to the targets and
//    to the list of names above them.

import PluginKit

// 2. Choose the kind: Authenticator (headers), Transformer (payload to payload) or RetryPolicy (when to try again).
//    The protocol's comments say what each call may do.
struct TemplateSwift: Authenticator {
    // 3. Name it. Tenants write the name in a destination's settings; it must be unique within its kind.
    static let name = "TemplateSwift"
    static let version = "1.0.0"
    static let summary = "Puts the event's id into a header of your choice; a plugin to start from."

    // 4. Describe the settings. What breaks this schema never reaches init. Mark secrets with "writeOnly": true.
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "headerName": {
              "type": "string", "title": "Header name", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z0-9_-]+$", "default": "X-Event-Id"
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

// 7. Export the component, or several. Then: swift build --product <YourName>, and
//    hooksentry plugin check .build/debug/lib<YourName>.so
@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(TemplateSwift.self))
}
