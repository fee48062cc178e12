import JSON

/// What is shown in place of a secret.
let redactionMark = "***"

extension SchemaNode {
    /// The value with all secrets (`writeOnly`) replaced.
    func redacted(_ value: JSONValue) -> JSONValue {
        if rules.isSecret { return .string(redactionMark) }
        switch value {
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { name, value in (name, schema(of: name)?.redacted(value) ?? value) }))
        case .array(let elements):
            guard let items = rules.items else { return value }
            return .array(elements.map(items.redacted))
        default: return value
        }
    }

    /// Every text inside a secret, as it is and as it is written in JSON, so that a sentence can be cleared of them.
    func secretTexts(in value: JSONValue) -> [[UInt8]] {
        var found: [[UInt8]] = []
        collectSecrets(in: value, isSecret: false, into: &found)
        return found
    }

    private func collectSecrets(in value: JSONValue, isSecret: Bool, into found: inout [[UInt8]]) {
        let isSecret = isSecret || rules.isSecret
        switch value {
        case .string(let text) where isSecret:
            found.append(Array(text.utf8))
            let written = Array(JSONValue.string(text).serialized().dropFirst().dropLast())
            if written != found.last { found.append(written) }
        case .number(let text) where isSecret: found.append(Array(text.utf8))
        case .object(let object):
            for (name, value) in object.members {
                (schema(of: name) ?? .unruled).collectSecrets(in: value, isSecret: isSecret, into: &found)
            }
        case .array(let elements):
            for element in elements {
                (rules.items ?? .unruled).collectSecrets(in: element, isSecret: isSecret, into: &found)
            }
        default: break
        }
    }

    private func schema(of name: String) -> SchemaNode? {
        if let known = property(name) { return known }
        if case .schema(let schema) = rules.additional { return schema }
        return nil
    }

    private static let unruled = SchemaNode(Rules())
}
