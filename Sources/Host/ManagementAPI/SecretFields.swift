import JSON

/// Keeps secrets that a client could not repeat, because it was never shown them.
///
/// Which fields are secret is the plugin's to say: `writeOnly` in the JSON Schema of its settings, at any depth. The
/// time that merging takes grows with the length of the settings and not with its square, since clients choose them.
final class SecretFields {
    private typealias Name = [UInt8]

    private let isSecret: Bool
    /// Whether there is a secret field here or anywhere below.
    private let holdsSecrets: Bool
    private let properties: [Name: SecretFields]
    private let additional: SecretFields?
    private let items: SecretFields?

    /// A schema that does not parse has no secret fields; the catalog refuses such plugins when it loads them.
    convenience init(schema: [UInt8]) { self.init((try? JSONValue(parsing: schema)) ?? .null) }

    private init(_ schema: JSONValue) {
        let schema = schema.members ?? JSONObject()
        let named = (schema["properties"]?.members ?? JSONObject()).members
        isSecret = schema["writeOnly"]?.boolean == true
        properties = Dictionary(named.map { (Name($0.name.utf8), SecretFields($0.value)) }) { _, last in last }
        additional = schema["additionalProperties"].map { SecretFields($0) }
        items = schema["items"].map { SecretFields($0) }
        holdsSecrets =
            isSecret || properties.values.contains { $0.holdsSecrets } || additional?.holdsSecrets == true
            || items?.holdsSecrets == true
    }

    /// The new settings with every secret that is left out, or sent back as it was shown, taken from the old ones.
    /// Members that only `additionalProperties` describes are removed by leaving them out, so these keep a secret only
    /// if it is sent back as it was shown.
    func keeping(_ old: JSONObject, shownAs shown: JSONObject, in new: JSONObject) -> JSONObject {
        guard holdsSecrets else { return new }
        let (placesInNew, placesInShown) = (Self.places(in: new), Self.places(in: shown))
        var result = new
        var kept: [(name: String, value: JSONValue)] = []
        var replaced: Set<Name> = []
        for (name, oldValue) in old.members {
            let key = Name(name.utf8)
            let named = properties[key]
            guard let fields = named ?? additional else { continue }
            let place = placesInNew[key]
            let shownValue = placesInShown[key].map { shown.members[$0].value }
            if fields.isSecret {
                if let place, new.members[place].value != shownValue { continue }
                if place == nil, named == nil { continue }
                replaced.insert(key)
                kept.append((name, oldValue))
            } else if let place {
                result.members[place].value = fields.keeping(
                    oldValue, shownAs: shownValue, in: new.members[place].value)
            }
        }
        result.members.removeAll { replaced.contains(Name($0.name.utf8)) }
        result.members += kept
        return result
    }

    private func keeping(_ old: JSONValue, shownAs shown: JSONValue?, in new: JSONValue) -> JSONValue {
        guard holdsSecrets else { return new }
        switch (old, new) {
        case (_, _) where isSecret: return new == shown ? old : new
        case (.object(let old), .object(let new)):
            return .object(keeping(old, shownAs: shown?.members ?? JSONObject(), in: new))
        case (.array(let old), .array(let new)):
            return .array(keeping(old, shownAs: shown?.elements ?? [], in: new))
        default: return new
        }
    }

    /// An element takes its secrets from the old one that looks the same but for them, wherever that stood; otherwise
    /// from the one in its place, unless that went elsewhere. So a list can be sorted, shortened and edited, and no
    /// secret ends up where a client can see that it does not belong.
    private func keeping(_ old: [JSONValue], shownAs shown: [JSONValue], in new: [JSONValue]) -> [JSONValue] {
        guard let items else { return new }
        var free = FreeElements(looks: old.map { items.look(of: $0) })
        let sources = new.enumerated().map { index, element in free.take(items.look(of: element), at: index) }
        return new.enumerated().map { index, element in
            guard let source = sources[index] ?? (free.contains(index) ? index : nil) else { return element }
            let shown = source < shown.count ? shown[source] : nil
            return items.keeping(old[source], shownAs: shown, in: element)
        }
    }

    /// What is left of a value without its secrets, with the members of objects in one order.
    private func look(of value: JSONValue) -> [UInt8] { Self.visible(value, self).serialized() }

    private static func visible(_ value: JSONValue, _ fields: SecretFields?) -> JSONValue {
        switch value {
        case _ where fields?.isSecret == true: return .null
        case .object(let object):
            let members = object.members.compactMap { name, value -> (name: String, value: JSONValue)? in
                let fields = fields?.properties[Name(name.utf8)] ?? fields?.additional
                return fields?.isSecret == true ? nil : (name, visible(value, fields))
            }
            return .object(JSONObject(members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }))
        case .array(let elements): return .array(elements.map { visible($0, fields?.items) })
        default: return value
        }
    }

    /// Of a repeated name the last, as in look-ups.
    private static func places(in object: JSONObject) -> [Name: Int] {
        Dictionary(object.members.enumerated().map { (Name($1.name.utf8), $0) }) { _, last in last }
    }
}

/// The old elements of a list whose secrets nobody has taken.
private struct FreeElements {
    private let looks: [[UInt8]]
    private var isFree: [Bool]
    /// By look, the first one last. Those that were taken in their own place are still among them.
    private var places: [[UInt8]: [Int]] = [:]

    init(looks: [[UInt8]]) {
        self.looks = looks
        isFree = Array(repeating: true, count: looks.count)
        for index in looks.indices.reversed() { places[looks[index], default: []].append(index) }
    }

    func contains(_ index: Int) -> Bool { index < isFree.count && isFree[index] }

    /// Of those that look like this the one in this place, otherwise the first.
    mutating func take(_ look: [UInt8], at index: Int) -> Int? {
        if contains(index), looks[index] == look {
            isFree[index] = false
            return index
        }
        while let first = places[look]?.popLast() {
            guard isFree[first] else { continue }
            isFree[first] = false
            return first
        }
        return nil
    }
}
