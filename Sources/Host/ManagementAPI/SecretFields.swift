import JSON
import Ports

/// Keeps secrets that a client could not repeat, because it was never shown them.
///
/// Which fields are secret is the plugin's to say: `writeOnly` in the JSON Schema of its settings.
struct SecretFields {
    private let properties: JSONObject

    /// A schema that does not parse has no secret fields; the catalog refuses such plugins when it loads them.
    init(schema: [UInt8]) {
        properties = (try? JSONValue(parsing: schema))?.members?["properties"]?.members ?? JSONObject([])
    }

    private init(properties: JSONObject) { self.properties = properties }

    /// The new settings with every secret that is left out, or sent back as it was shown, taken from the old ones.
    func keeping(_ old: JSONObject, shownAs shown: JSONObject, in new: JSONObject) -> JSONObject {
        var result = new
        for (name, schema) in properties.members {
            guard let oldValue = old[name] else { continue }
            if schema.members?["writeOnly"]?.boolean == true {
                if let sent = new[name], sent != shown[name] { continue }
                result.members.removeAll { $0.name == name }
                result.members.append((name, oldValue))
            } else if let nested = schema.members?["properties"]?.members, let oldObject = oldValue.members,
                let index = result.members.lastIndex(where: { $0.name == name }),
                let sent = result.members[index].value.members
            {
                let merged = SecretFields(properties: nested).keeping(
                    oldObject, shownAs: shown[name]?.members ?? JSONObject([]), in: sent)
                result.members[index].value = .object(merged)
            }
        }
        return result
    }
}
