import Domain
import JSON

/// The members of a JSON object as a request's fields: names in any case, numbers also as strings, null the same as
/// absent, unknown members ignored (api.md 1.2). What it throws is 400 with a sentence that names field and rule.
struct RequestBody {
    let members: JSONObject
    /// What stands before a field's name in sentences: `retryPolicy.`, or nothing at the top.
    let prefix: String

    init(_ members: JSONObject, prefix: String) {
        self.members = members
        self.prefix = prefix
    }

    /// name: the value's own, for the sentence when it is not an object.
    init(_ value: JSONValue, of name: String, prefix: String = "") throws(Refusal) {
        guard let members = value.members else { throw .invalid("\(name) must be a JSON object") }
        self.init(members, prefix: prefix)
    }

    /// Nil when absent or null.
    func value(_ name: String) -> JSONValue? {
        guard let value = members.value(ignoringCase: name), !value.isNull else { return nil }
        return value
    }

    /// The member stands in the request, be it null.
    func mentions(_ name: String) -> Bool { members.value(ignoringCase: name) != nil }

    func text(_ name: String) throws(Refusal) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else { throw .invalid("\(prefix)\(name) must be a string") }
        return text
    }

    func required(_ name: String) throws(Refusal) -> String {
        guard let text = try text(name) else { throw .invalid("\(prefix)\(name) is required") }
        return text
    }

    /// A whole number that fits PostgreSQL's `integer`.
    func integer(_ name: String) throws(Refusal) -> Int? {
        guard let value = value(name) else { return nil }
        guard let number = value.wholeNumber ?? value.text.flatMap({ Int($0) }), Int32(exactly: number) != nil else {
            throw .invalid("\(prefix)\(name) must be a 32-bit integer")
        }
        return number
    }

    func boolean(_ name: String) throws(Refusal) -> Bool? {
        guard let value = value(name) else { return nil }
        guard let boolean = value.boolean else { throw .invalid("\(prefix)\(name) must be true or false") }
        return boolean
    }

    func object(_ name: String) throws(Refusal) -> JSONObject? {
        guard let value = value(name) else { return nil }
        guard let object = value.members else { throw .invalid("\(prefix)\(name) must be a JSON object") }
        return object
    }

    func array(_ name: String) throws(Refusal) -> [JSONValue]? {
        guard let value = value(name) else { return nil }
        guard let elements = value.elements else { throw .invalid("\(prefix)\(name) must be an array") }
        return elements
    }

    /// The name of a choice, or its number as text, which may stand there as a number.
    func nameOrNumber(_ name: String) throws(Refusal) -> String? {
        if let number = value(name)?.wholeNumber { return String(number) }
        return try text(name)
    }

    /// A name in any case, its number, or its number as text.
    func choice<Choice: NamedNumber>(_ name: String, of: Choice.Type = Choice.self) throws(Refusal) -> Choice? {
        guard let value = value(name) else { return nil }
        let text = value.text ?? value.wholeNumber.map { String($0) }
        guard let choice = text.flatMap({ Choice(contract: $0) }) else {
            throw .invalid("\(prefix)\(name) \(mustBeOneOf(Choice.self))")
        }
        return choice
    }
}

extension JSONValue {
    /// 17, and 17.0, which is a whole number to JSON Schema and to languages that know one kind of number.
    fileprivate var wholeNumber: Int? { integer ?? double.flatMap { Int(exactly: $0) } }
}
