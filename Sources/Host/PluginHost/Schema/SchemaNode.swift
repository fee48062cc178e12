import JSON

/// One schema of a settings document, compiled: only what the host checks is left. Immutable.
final class SchemaNode: Sendable {
    /// The names `type` may hold (JSON Schema draft 2020-12, validation, section 6.1.1).
    enum ValueType: String, Sendable {
        case null, boolean, object, array, number, string, integer
    }

    enum Additional: Sendable {
        case allowed
        case forbidden
        case schema(SchemaNode)
    }

    enum Format: String, Sendable {
        case uri
        case httpsURI = "https-uri"
    }

    struct Number: Sendable {
        var text: String
        var value: Double
    }

    struct Rules: Sendable {
        /// Empty: any.
        var types: [ValueType] = []
        var allowed: [JSONValue]?
        var constant: JSONValue?
        var properties: [(name: String, schema: SchemaNode)] = []
        var required: [String] = []
        var additional = Additional.allowed
        var items: SchemaNode?
        var itemsMin: Int?
        var itemsMax: Int?
        /// UTF-16 code units.
        var lengthMin: Int?
        var lengthMax: Int?
        var pattern: SettingsPattern?
        var minimum: Number?
        var maximum: Number?
        var exclusiveMinimum: Number?
        var exclusiveMaximum: Number?
        var format: Format?
        var isSecret = false
        // Annotations that samples are made from.
        var defaultValue: JSONValue?
        var examples: [JSONValue] = []
    }

    let rules: Rules

    init(_ rules: Rules) { self.rules = rules }

    func property(_ name: String) -> SchemaNode? {
        rules.properties.first { $0.name.utf8.elementsEqual(name.utf8) }?.schema
    }
}
