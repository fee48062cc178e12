import JSON

/// Keeps secrets that a client could not repeat, because it was never shown them.
///
/// Which fields are secret is the plugin's to say: `writeOnly` in the JSON Schema of its settings, at any depth.
struct SecretFields {
    private let schema: JSONObject

    /// A schema that does not parse has no secret fields; the catalog refuses such plugins when it loads them.
    init(schema: [UInt8]) {
        self.schema = (try? JSONValue(parsing: schema))?.members ?? JSONObject()
    }

    private init(_ schema: JSONValue?) { self.schema = schema?.members ?? JSONObject() }

    private var isSecret: Bool { schema["writeOnly"]?.boolean == true }

    private func property(_ name: String) -> SecretFields? {
        (schema["properties"]?.members?[name]).map { SecretFields($0) }
    }

    private var additional: SecretFields { SecretFields(schema["additionalProperties"]) }
    private var items: SecretFields { SecretFields(schema["items"]) }

    /// The new settings with every secret that is left out, or sent back as it was shown, taken from the old ones.
    /// Members that only `additionalProperties` describes are removed by leaving them out, so these keep a secret only
    /// if it is sent back as it was shown.
    func keeping(_ old: JSONObject, shownAs shown: JSONObject, in new: JSONObject) -> JSONObject {
        var result = new
        for (name, oldValue) in old.members {
            let sent = new[name]
            let named = property(name)
            let fields = named ?? additional
            if fields.isSecret {
                if let sent, sent != shown[name] { continue }
                if sent == nil, named == nil { continue }
                result.members.removeAll { $0.name == name }
                result.members.append((name, oldValue))
            } else if let index = result.members.lastIndex(where: { $0.name == name }) {
                result.members[index].value = fields.keeping(
                    oldValue, shownAs: shown[name], in: result.members[index].value)
            }
        }
        return result
    }

    private func keeping(_ old: JSONValue, shownAs shown: JSONValue?, in new: JSONValue) -> JSONValue {
        switch (old, new) {
        case (_, _) where isSecret: new == shown ? old : new
        case (.object(let old), .object(let new)):
            .object(keeping(old, shownAs: shown?.members ?? JSONObject(), in: new))
        case (.array(let old), .array(let new)): .array(keeping(old, shownAs: shown?.elements ?? [], in: new))
        default: new
        }
    }

    /// An element takes its secrets from the old one that looks the same but for them, wherever that stood; otherwise
    /// from the one in its place, unless that went elsewhere. So a list can be sorted, shortened and edited, and no
    /// secret ends up where a client can see that it does not belong.
    private func keeping(_ old: [JSONValue], shownAs shown: [JSONValue], in new: [JSONValue]) -> [JSONValue] {
        let fields = items
        var sources = [Int?](repeating: nil, count: new.count)
        var free = Set(old.indices)
        let looks = old.map(fields.visible)
        for (index, element) in new.enumerated() {
            let look = fields.visible(element)
            let same = [index] + old.indices
            guard let source = same.first(where: { free.contains($0) && looks[$0] == look }) else { continue }
            sources[index] = source
            free.remove(source)
        }
        return new.enumerated().map { index, element in
            guard let source = sources[index] ?? (free.contains(index) ? index : nil) else { return element }
            let shown = source < shown.count ? shown[source] : nil
            return fields.keeping(old[source], shownAs: shown, in: element)
        }
    }

    /// What is left of a value without its secrets.
    private func visible(_ value: JSONValue) -> JSONValue {
        switch value {
        case _ where isSecret: return .null
        case .object(let object):
            let members = object.members.compactMap { name, value -> (name: String, value: JSONValue)? in
                let fields = property(name) ?? additional
                return fields.isSecret ? nil : (name, fields.visible(value))
            }
            return .object(JSONObject(members.sorted { $0.name < $1.name }))
        case .array(let elements): return .array(elements.map(items.visible))
        default: return value
        }
    }
}
