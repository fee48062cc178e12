// A transformer in Swift to start from: it wraps the payload, {"data": payload}.
//
// 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.

import PluginKit

// 2. What one configured component keeps. The protocol's comments say what each call may do.
struct Wrap: Transformer {
    // 3. Name it. Tenants write the name in a destination's settings; it must be unique within its kind.
    static let name = "TemplateSwift"
    static let version = "1.0.0"
    static let summary = "Wraps the payload in an object: {\"data\": payload}."

    // 4. Describe the settings. What breaks this schema never reaches init. Mark secrets with "writeOnly": true.
    static let settingsSchema = #"{"type": "object", "additionalProperties": false}"#

    // 5. Read the settings and do all costly preparation. Throw PluginError.invalidSettings for what a schema cannot
    //    say.
    init(settings: Settings, host: HostServices) throws {}

    // 6. Do the work, the same for the same payload. Copy values byte for byte: a number that goes through a double is
    //    a number changed. Throw PluginError.permanent with a sentence for a payload that you cannot use.
    func apply(_ payload: Span<UInt8>, _ call: Call) throws -> [UInt8] {
        guard payload.count > 0 else { throw PluginError.permanent("The payload is empty.") }
        var result = Array(#"{"data":"#.utf8)
        result.reserveCapacity(result.count + payload.count + 1)
        for index in payload.indices { result.append(payload[index]) }
        result.append(UInt8(ascii: "}"))
        return result
    }
}

// 7. Export the component, or several.
@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .transformer(Wrap.self))
}
