import Domain
import JSON

/// Settings around a sample: each member at its bounds, beyond them, of another type, left out; texts of every kind.
/// Whether the schema accepts one or refuses it is the schema's to say.
struct SettingsVariants {
    private static let countMax = 200
    private static let textBytesMax = 4_096

    /// Accepted by the schema, and refused.
    private(set) var accepted: [JSONValue] = []
    private(set) var refused: [JSONValue] = []

    init(_ schema: SettingsSchema, around sample: JSONValue) {
        for value in Self.variants(of: sample, schema.root).prefix(Self.countMax) where value != sample {
            if (try? schema.root.validate(value)) != nil { accepted.append(value) } else { refused.append(value) }
        }
    }

    private static func variants(of value: JSONValue, _ node: SchemaNode) -> [JSONValue] {
        var variants = replacements(node)
        switch value {
        case .object(let object):
            variants.append(.object(JSONObject(object.members + [("unknownMember", .bool(true))])))
            for index in object.members.indices {
                var without = object
                let (name, member) = without.members.remove(at: index)
                variants.append(.object(without))
                let inner = node.property(name) ?? SchemaNode(SchemaNode.Rules())
                for other in Self.variants(of: member, inner) {
                    var changed = object
                    changed.members[index].value = other
                    variants.append(.object(changed))
                }
            }
        case .array(let elements):
            let inner = node.rules.items ?? SchemaNode(SchemaNode.Rules())
            variants += [.array([]), .array(elements + elements)]
            for index in elements.indices {
                for other in Self.variants(of: elements[index], inner) {
                    var changed = elements
                    changed[index] = other
                    variants.append(.array(changed))
                }
            }
        case .string(let text): variants += texts(node.rules, text)
        case .number: variants += numbers(node.rules)
        case .null, .bool: break
        }
        return variants
    }

    /// Other types, and what the schema itself names.
    private static func replacements(_ node: SchemaNode) -> [JSONValue] {
        let named = (node.rules.allowed ?? []) + node.rules.examples + [node.rules.defaultValue].compactMap { $0 }
        return named + [.null, .bool(true), .bool(false), .number("0"), .string(""), .array([]), .object(JSONObject())]
    }

    private static func texts(_ rules: SchemaNode.Rules, _ text: String) -> [JSONValue] {
        var texts = [
            " ", text + " ", "a\"b\\c/d", "line\nbreak", "tab\tand\u{1}control", "\u{0}", "\u{e9}\u{1F600}\u{5d0}",
            "%00%0a", "{\"a\":1}", text + text,
        ]
        if let most = rules.lengthMax {
            texts.append(String(repeating: "a", count: min(most, textBytesMax)))
            texts.append(String(repeating: "a", count: min(most, textBytesMax) + 1))
        } else {
            texts.append(String(repeating: "a", count: textBytesMax))
        }
        if let least = rules.lengthMin { texts.append(String(repeating: "a", count: least)) }
        return texts.map { .string($0) }
    }

    private static func numbers(_ rules: SchemaNode.Rules) -> [JSONValue] {
        let bounds = [rules.minimum, rules.maximum, rules.exclusiveMinimum, rules.exclusiveMaximum]
        let texts = ["1", "-1", "0.5", "1.0", "1e2", "-0", "1e300", "9007199254740993", "99999999999999999999"]
        return (bounds.compactMap { $0?.text } + texts).map { .number($0) }
    }
}
