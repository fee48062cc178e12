import JSON

/// A component's settings: one JSON object that satisfies its schema. The text is wiped when the last reference
/// goes, so keep what you read and not the settings.
public final class Settings {
    private let text: Secret
    // In the order of the text; of a repeated name the last one counts.
    private var members: [(name: String, kind: JSONKind, range: Range<Int>)] = []

    public init(parsing text: Span<UInt8>) throws(PluginError) {
        self.text = Secret(text)
        do throws(JSONError) {
            members = try Self.scan(text)
        } catch {
            throw .invalidSettings(error.sentence, at: error.offset)
        }
    }

    private static func scan(
        _ text: Span<UInt8>
    ) throws(JSONError) -> [(name: String, kind: JSONKind, range: Range<Int>)] {
        var members: [(name: String, kind: JSONKind, range: Range<Int>)] = []
        var cursor = JSONCursor()
        try cursor.enterObject(in: text)
        while let name = try cursor.nextMember(in: text) {
            let kind = try cursor.peekKind(in: text)
            members.append((name.string(in: text), kind, try cursor.skipValue(in: text)))
        }
        try cursor.finish(in: text)
        return members
    }

    /// The whole text, for a component whose settings are a language of their own. Must hold no secret.
    public func withText<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try text.withBytes { buffer throws(Failure) in try body(buffer.span) }
    }

    private func member(_ name: String) -> (name: String, kind: JSONKind, range: Range<Int>)? {
        members.last { $0.name.isExactly(name) }
    }

    /// Byte offset of a member's value, to point at it in an error; nil if there is no such member.
    public func position(of name: String) -> Int? {
        member(name)?.range.lowerBound
    }

    /// Where a byte of a text member stands in the settings, escapes counted as they are written.
    /// offset: into the text's UTF-8.
    public func position(of name: String, offset: Int) -> Int? {
        guard let range = member(name)?.range else { return nil }
        return withText { token(range).place(ofUTF8: offset, in: $0) }
    }

    /// A string; nil if the member is missing or null.
    public func text(ifPresent name: String) throws(PluginError) -> String? {
        guard let range = try range(of: name, .string, "a text") else { return nil }
        return withText { token(range).string(in: $0) }
    }

    public func text(_ name: String) throws(PluginError) -> String {
        guard let text = try text(ifPresent: name) else { throw missing(name) }
        return text
    }

    /// A string that is wiped when it is no longer needed.
    public func secret(_ name: String, prefix: String = "") throws(PluginError) -> Secret {
        guard let range = try range(of: name, .string, "a text") else { throw missing(name) }
        var decoded = withText { token(range).utf8(in: $0) }
        let secret = Secret(wiping: &decoded)
        return prefix.isEmpty ? secret : Secret(prefix: prefix, secret)
    }

    /// `true` or `false`; `fallback` if the member is missing or null.
    public func flag(_ name: String, default fallback: Bool) throws(PluginError) -> Bool {
        guard let range = try range(of: name, .bool, "true or false") else { return fallback }
        return withText { $0[range.lowerBound] == UInt8(ascii: "t") }
    }

    /// One of the names of a list of choices; `fallback` if the member is missing or null.
    public func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, default fallback: Choice
    ) throws(PluginError) -> Choice where Choice.RawValue == String {
        guard let text = try text(ifPresent: name) else { return fallback }
        guard let choice = Choice(exactly: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidSettings("\(name) must be one of \(names).", at: position(of: name))
        }
        return choice
    }

    /// A whole value as a tree, for what holds no secret; nil if the member is missing or null.
    public func value(_ name: String) throws(PluginError) -> JSONValue? {
        guard let member = member(name), member.kind != .null else { return nil }
        do throws(JSONError) {
            return try withText { text throws(JSONError) in try JSONValue(parsing: text.extracting(member.range)) }
        } catch {
            throw .invalidSettings(error.sentence, at: member.range.lowerBound + error.offset)
        }
    }

    /// An array of texts; `fallback` if the member is missing or null.
    public func texts(_ name: String, default fallback: [String]) throws(PluginError) -> [String] {
        guard let value = try value(name) else { return fallback }
        let texts = value.elements?.compactMap(\.text)
        guard let texts, texts.count == value.elements?.count else {
            throw .invalidSettings("\(name) must be a list of texts.", at: position(of: name))
        }
        return texts
    }

    /// A number, as near as binary comes; `fallback` if the member is missing or null.
    public func number(_ name: String, default fallback: Double? = nil) throws(PluginError) -> Double {
        if let range = try range(of: name, .number, "a number") { return try double(range, in: name) }
        guard let fallback else { throw missing(name) }
        return fallback
    }

    /// A number without its fraction; one beyond 64 bits becomes a very large one, for a limit of yours to catch.
    public func wholeNumber(_ name: String, default fallback: Int64? = nil) throws(PluginError) -> Int64 {
        let number = try number(name, default: fallback.map { Double($0) })
        return Int64(min(max(number, -9e18), 9e18))
    }

    /// An array of numbers; `fallback` if the member is missing or null.
    public func numbers(_ name: String, default fallback: [Double]) throws(PluginError) -> [Double] {
        guard let range = try range(of: name, .array, "a list of numbers") else { return fallback }
        return try elements(of: range, in: name).map { range throws(PluginError) in try double(range, in: name) }
    }

    private func elements(of array: Range<Int>, in name: String) throws(PluginError) -> [Range<Int>] {
        do throws(JSONError) {
            return try withText { text throws(JSONError) in
                var ranges: [Range<Int>] = []
                var cursor = JSONCursor(offset: array.lowerBound)
                try cursor.enterArray(in: text)
                while try cursor.nextElement(in: text) {
                    guard try cursor.peekKind(in: text) == .number else {
                        throw JSONError(offset: cursor.offset, sentence: "\(name) must hold numbers only.")
                    }
                    ranges.append(try cursor.skipValue(in: text))
                }
                return ranges
            }
        } catch {
            throw .invalidSettings(error.sentence, at: error.offset)
        }
    }

    private func range(of name: String, _ kind: JSONKind, _ words: String) throws(PluginError) -> Range<Int>? {
        guard let member = member(name), member.kind != .null else { return nil }
        guard member.kind == kind else {
            throw .invalidSettings("\(name) must be \(words).", at: member.range.lowerBound)
        }
        return member.range
    }

    private func double(_ range: Range<Int>, in name: String) throws(PluginError) -> Double {
        guard let number = Double(withText { JSONText(range: range, isEscaped: false).string(in: $0) }), number.isFinite
        else {
            throw .invalidSettings("\(name) is out of range.", at: range.lowerBound)
        }
        return number
    }

    private func missing(_ name: String) -> PluginError {
        .invalidSettings("\(name) is missing.")
    }

    /// The content of a string token. It is treated as escaped; decoding a plain one gives the same.
    private func token(_ range: Range<Int>) -> JSONText {
        JSONText(range: range.lowerBound + 1..<range.upperBound - 1, isEscaped: true)
    }
}
