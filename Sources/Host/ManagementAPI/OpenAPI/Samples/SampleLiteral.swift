import JSON

/// Writes a JSON value as a literal of a programming language: on one line if it is short, else a member a line.
struct SampleLiteral {
    var null = "null"
    var yes = "true"
    var no = "false"
    /// Of one level.
    var indent = "  "
    /// Ends the last member of a literal of several lines with a comma, as the language's formatter does.
    var trailingComma = false
    private static let lineMax = 72

    func text(_ value: JSONValue, depth: Int = 0) -> String {
        let short = line(value)
        if depth > 0, short.count <= Self.lineMax { return short }
        switch value {
        case .array(let elements) where !elements.isEmpty:
            return lines(elements.map { text($0, depth: depth + 1) }, "[", "]", depth)
        case .object(let object) where !object.members.isEmpty:
            return lines(
                object.members.map { "\(quoted($0.name)): \(text($0.value, depth: depth + 1))" }, "{", "}", depth)
        default: return short
        }
    }

    /// As a string literal; JSON's escapes are valid in each of the languages.
    func quoted(_ text: String) -> String { JSONValue.string(text).serializedText() }

    private func line(_ value: JSONValue) -> String {
        switch value {
        case .null: null
        case .bool(let boolean): boolean ? yes : no
        case .number(let text): text
        case .string(let text): quoted(text)
        case .array(let elements): "[\(elements.map(line).joined(separator: ", "))]"
        case .object(let object):
            "{\(object.members.map { "\(quoted($0.name)): \(line($0.value))" }.joined(separator: ", "))}"
        }
    }

    private func lines(_ items: [String], _ open: String, _ close: String, _ depth: Int) -> String {
        let outer = String(repeating: indent, count: depth)
        let body = items.map { outer + indent + $0 }.joined(separator: ",\n")
        return "\(open)\n\(body)\(trailingComma ? "," : "")\n\(outer)\(close)"
    }
}

extension String {
    /// Every line but the first one moved to the right.
    func indented(by indent: String) -> String { replacing("\n", with: "\n" + indent) }
}
