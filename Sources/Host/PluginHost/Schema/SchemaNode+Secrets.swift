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

    /// The new settings, completed by the secrets of the old ones where the new ones leave them out, or give them
    /// back as they were shown.
    func keepingSecrets(old: JSONValue, new: JSONValue) -> JSONValue {
        guard case .object(let before) = old, case .object(var after) = new else { return new }
        for (name, schema) in rules.properties {
            guard let known = before[name] else { continue }
            let index = after.members.lastIndex { $0.name.utf8.elementsEqual(name.utf8) }
            switch index {
            case nil:
                if schema.rules.isSecret { after.members.append((name, known)) }
            case let index? where schema.rules.isSecret:
                if after.members[index].value == .string(redactionMark) { after.members[index].value = known }
            case let index?:
                after.members[index].value = schema.keepingSecrets(old: known, new: after.members[index].value)
            }
        }
        return .object(after)
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
