import Domain
import JSON
import Ports

/// A component as a request names it: `{"plugin": "...", "settings": {...}}`.
struct PluginInput: Sendable {
    let plugin: String
    let settings: JSONObject
    /// What the request calls the settings, for sentences: `retryPolicy.settings`, `credentials`.
    let field: String

    init(plugin: String, settings: JSONObject, field: String) {
        self.plugin = plugin
        self.settings = settings
        self.field = field
    }

    init(_ value: JSONValue, of name: String) throws(Refusal) {
        let body = try RequestBody(value, of: name, prefix: name + ".")
        plugin = try body.required("plugin")
        let most = PluginDescription.nameBytesMax
        guard (1...most).contains(plugin.utf8.count), plugin.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalid("\(name).plugin must have 1 to \(most) characters, all of them visible ASCII")
        }
        settings = try body.object("settings") ?? JSONObject([])
        field = "\(name).settings"
    }
}

/// What a PATCH does to a field whose absence and whose null mean different things.
enum Change<Value: Sendable>: Sendable {
    case keep
    case remove
    case set(Value)
}

extension Change {
    func map<Other>(_ transform: (Value) -> Other) -> Change<Other> {
        switch self {
        case .keep: .keep
        case .remove: .remove
        case .set(let value): .set(transform(value))
        }
    }

    /// Nil: keep; nil inside: remove.
    var optional: Value?? {
        switch self {
        case .keep: nil
        case .remove: .some(nil)
        case .set(let value): value
        }
    }
}

extension RequestBody {
    /// Absent: keep; null: remove. read: of the field by its name.
    func change<Value>(_ name: String, _ read: (String) throws(Refusal) -> Value?) throws(Refusal) -> Change<Value> {
        guard mentions(name) else { return .keep }
        return try read(name).map { .set($0) } ?? .remove
    }

    func change(_ name: String) throws(Refusal) -> Change<PluginInput> {
        try change(name) { name throws(Refusal) in
            guard let value = value(name) else { return nil }
            return try PluginInput(value, of: name)
        }
    }

    func transformers(limit: Int) throws(Refusal) -> Change<[PluginInput]> {
        let name = "transformers"
        guard mentions(name) else { return .keep }
        guard let elements = try array(name) else { return .remove }
        guard elements.count <= limit else { throw .invalid("\(name) must not have more than \(limit) elements") }
        var inputs: [PluginInput] = []
        for (index, element) in elements.enumerated() {
            inputs.append(try PluginInput(element, of: "\(name)[\(index)]"))
        }
        return .set(inputs)
    }
}
