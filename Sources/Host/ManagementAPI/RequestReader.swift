import Domain
import HTTPServer
import JSON

/// What a handler takes from a request besides the path: read and checked for form before any row is looked at.
protocol Input: Sendable {
    init(reading request: RequestReader) throws(Refusal)
}

/// For routes that need nothing but their path.
struct NoInput: Input {
    init(reading request: RequestReader) throws(Refusal) {}
}

/// Reads the parts of one request. What it throws is 400 or 415.
struct RequestReader {
    let request: HTTPRequest
    let limits: Limits

    /// The body, which has to be there and has to be a JSON object.
    func body() throws(Refusal) -> RequestBody {
        guard !request.body.isEmpty else { throw .invalid("body is required and must be a JSON object") }
        return try RequestBody(document(), of: "body")
    }

    /// The body, or an empty object when none was sent.
    func optionalBody() throws(Refusal) -> RequestBody {
        request.body.isEmpty ? RequestBody(JSONObject([]), prefix: "") : try body()
    }

    private func document() throws(Refusal) -> JSONValue {
        guard hasJSONContentType else { throw .unsupportedMediaType }
        do {
            return try JSONValue(parsing: request.body, depthLimit: limits.jsonDepth)
        } catch {
            throw .invalid("body must be valid JSON: \(error.sentence) (at byte \(error.offset))")
        }
    }

    /// `application/json` or a type with the suffix `+json`, with or without parameters.
    private var hasJSONContentType: Bool {
        let type = request.header("Content-Type") ?? ""
        let name = type.pieces(at: ";", most: 1)[0].withoutSpacesAround().lowercased()
        return name.isExactly("application/json")
            || name.beginsExactly(with: "application/") && name.endsExactly(with: "+json")
    }

    // Query parameters. Nil when absent or empty.

    func text(_ name: String) -> String? {
        guard let value = request.queryValue(name), !value.isEmpty else { return nil }
        return value
    }

    /// A number that no machine integer can hold is the nearest one that can: what reads it has bounds of its own.
    func integer(_ name: String) throws(Refusal) -> Int? {
        guard let text = text(name) else { return nil }
        if let number = Int(text) { return number }
        let isNegative = text.beginsExactly(with: "-")
        let digits = text.utf8.dropFirst(isNegative ? 1 : 0)
        guard !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }) else {
            throw .invalid("\(name) must be an integer")
        }
        return isNegative ? .min : .max
    }

    func boolean(_ name: String) throws(Refusal) -> Bool? {
        guard let text = text(name) else { return nil }
        if text.isExactlyIgnoringCase("true") { return true }
        if text.isExactlyIgnoringCase("false") { return false }
        throw .invalid("\(name) must be true or false")
    }

    func id<Of>(_ name: String, of: Of.Type = Of.self) throws(Refusal) -> ID<Of>? {
        guard let text = text(name) else { return nil }
        guard let id = ID<Of>(text) else { throw .invalid("\(name) must be a UUID") }
        return id
    }

    func time(_ name: String) throws(Refusal) -> Timestamp? {
        guard let text = text(name) else { return nil }
        if let time = Timestamp(iso8601: text) { return time }
        // A plus sign in a query that was not escaped arrives as a space: "…T10:00:00 02:00".
        if let space = text.utf8.lastIndex(of: UInt8(ascii: " ")) {
            let repaired = text[..<space] + "+" + text[text.utf8.index(after: space)...]
            if let time = Timestamp(iso8601: repaired) { return time }
        }
        throw .invalid("\(name) must be an ISO 8601 date or time")
    }

    /// A name in any case, or its number.
    func choice<Choice: NamedNumber>(_ name: String, of: Choice.Type = Choice.self) throws(Refusal) -> Choice? {
        guard let text = text(name) else { return nil }
        guard let choice = Choice(contract: text) else { throw .invalid("\(name) \(mustBeOneOf(Choice.self))") }
        return choice
    }
}

func mustBeOneOf<Choice: NamedNumber>(_: Choice.Type) -> String {
    "must be one of " + Choice.allCases.map(\.name).joined(separator: ", ")
}

/// Without white space at either end.
func trimmed(_ text: some StringProtocol) -> String {
    guard let first = text.firstIndex(where: { !$0.isWhitespace }),
        let last = text.lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(text[first...last])
}
