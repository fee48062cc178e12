import JSON

/// The rules of one component's settings, compiled once when its library is loaded. Immutable, for any thread.
///
/// Defaults are for the plugin to apply: nothing is filled in here.
package struct SettingsSchema: Sendable {
    let root: SchemaNode

    /// bytes: JSON Schema, the subset named in entry.h.
    init(_ bytes: [UInt8]) throws(Refused) {
        root = try SchemaCompiler.compile(bytes)
    }

    /// The settings as a tree, if they are one JSON object that satisfies the schema.
    func checked(_ settings: [UInt8], allowsHTTP: Bool) throws(SettingsMistake) -> JSONValue {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: settings)
        } catch {
            throw SettingsMistake(sentence: "the settings are not JSON: \(error.sentence) (at byte \(error.offset))")
        }
        try root.validate(value, allowsHTTP: allowsHTTP)
        return value
    }
}
