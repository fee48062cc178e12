import JSON

/// Makes settings that satisfy a schema, so that a component can be tried out without a person who fills them in.
///
/// A schema with `examples` at its root speaks for itself: those are the samples. Otherwise one sample holds what is
/// required and one holds everything.
enum SampleSettings {
    /// Why there is no sample, with the way out.
    struct NoSample: Error, Equatable {
        var sentence: String
    }

    static func make(_ schema: SettingsSchema) throws(NoSample) -> [JSONValue] {
        let root = schema.root
        let samples: [JSONValue]
        if root.rules.examples.isEmpty {
            let least = try value(root, at: "", isFull: false)
            let full = try value(root, at: "", isFull: true)
            samples = least == full ? [least] : [least, full]
        } else {
            samples = root.rules.examples
        }
        for sample in samples {
            do {
                try root.validate(sample)
            } catch {
                throw NoSample(sentence: "a sample made from the schema breaks it: \(error.sentence)")
            }
        }
        return samples
    }

    private static func value(_ node: SchemaNode, at place: String, isFull: Bool) throws(NoSample) -> JSONValue {
        let rules = node.rules
        let given = [rules.constant, rules.defaultValue].compactMap { $0 } + rules.examples + (rules.allowed ?? [])
        if let fitting = given.first(where: { fits($0, node) }) { return fitting }
        switch rules.types.first ?? .string {
        case .null: return .null
        case .boolean: return .bool(true)
        case .integer, .number: return .number(number(rules))
        case .string: return .string(try text(node, at: place))
        case .array:
            let count = max(rules.itemsMin ?? 0, isFull ? min(1, rules.itemsMax ?? 1) : 0)
            var elements: [JSONValue] = []
            for index in 0..<count {
                elements.append(try rules.items.map { item throws(NoSample) in
                    try value(item, at: "\(place)[\(index)]", isFull: isFull)
                } ?? .null)
            }
            return .array(elements)
        case .object:
            var members: [(name: String, value: JSONValue)] = []
            for (name, property) in rules.properties {
                let isRequired = rules.required.contains(name)
                guard isFull || isRequired else { continue }
                let place = place.isEmpty ? name : "\(place).\(name)"
                do throws(NoSample) {
                    members.append((name, try value(property, at: place, isFull: isFull)))
                } catch {
                    if isRequired { throw error }
                }
            }
            return .object(JSONObject(members))
        }
    }

    private static func number(_ rules: SchemaNode.Rules) -> String {
        if let bound = rules.minimum { return bound.text }
        if let bound = rules.exclusiveMinimum { return beside(bound.value.rounded(.down), 1) }
        if let bound = rules.maximum { return bound.text }
        if let bound = rules.exclusiveMaximum { return beside(bound.value.rounded(.up), -1) }
        return "1"
    }

    /// The whole number beside a bound. One that is too large for an integer has none; what comes out breaks the rule,
    /// and the author is asked for an example.
    private static func beside(_ bound: Double, _ step: Int) -> String {
        guard let bound = Int(exactly: bound) else { return "1" }
        let (number, overflows) = bound.addingReportingOverflow(step)
        return overflows ? "1" : String(number)
    }

    /// What patterns in settings usually want: names, words, digits, dates, media types, addresses.
    private static let texts = [
        "sample-value-1", "sample", "Sample", "a", "A", "1", "X-Sample", "0123456789abcdef", "2026-01-31", "a/b",
        "/sample", "$.sample", "a.b", "https://example.com/sample", "user@example.com",
    ]

    private static func text(_ node: SchemaNode, at place: String) throws(NoSample) -> String {
        for candidate in texts {
            var candidate = candidate
            let missing = (node.rules.lengthMin ?? 0) - candidate.utf16.count
            if missing > 0 { candidate += String(repeating: "a", count: missing) }
            if fits(.string(candidate), node) { return candidate }
        }
        throw NoSample(sentence: "no sample can be made for \(place); give it an example in the schema")
    }

    private static func fits(_ value: JSONValue, _ node: SchemaNode) -> Bool {
        (try? node.validate(value)) != nil
    }
}
