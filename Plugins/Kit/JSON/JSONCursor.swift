/// Walks through a JSON text (RFC 8259, strict) from value to value and hands out byte ranges; nothing is built.
///
/// Everything that reads JSON here reads it through this cursor, so that all parts of the system agree on what is
/// JSON and what is not. The text is passed to each call rather than kept, and must be the same in all of them.
///
///     var cursor = JSONCursor()
///     try cursor.enterObject(in: bytes)
///     while let name = try cursor.nextMember(in: bytes) {
///         let value = try cursor.skipValue(in: bytes)    // or enter it, after peekKind
///     }
///     try cursor.finish(in: bytes)
///
/// Time is linear in the text: no byte is looked at twice, save one for each peek.
public struct JSONCursor: Sendable {
    /// The deepest nesting that any limit allows, so that recursive readers stay within a thread's stack.
    public static let depthLimitMax = 512

    /// Offset of the next byte to read.
    public internal(set) var offset: Int
    /// Containers entered and not left yet.
    public private(set) var depth = 0
    private let depthLimit: Int
    // True right after an opening bracket, where no comma may stand.
    private var isFirst = false

    /// depthLimit: containers inside one another; more than `depthLimitMax` is read as that.
    public init(offset: Int = 0, depthLimit: Int = 64) {
        self.offset = offset
        self.depthLimit = min(depthLimit, Self.depthLimitMax)
    }

    /// The kind of the value that comes next, by its first byte; moves to that byte.
    public mutating func peekKind(in bytes: Span<UInt8>) throws(JSONError) -> JSONKind {
        skipWhiteSpace(in: bytes)
        guard offset < bytes.count else { throw failure("A value is missing at the end of the text.") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        default: throw failure("A value is expected here.")
        }
    }

    /// Moves past one whole value and checks all of it. Its bytes, without white space around them.
    @discardableResult
    public mutating func skipValue(in bytes: Span<UInt8>) throws(JSONError) -> Range<Int> {
        let kind = try peekKind(in: bytes)
        let start = offset
        switch kind {
        case .object:
            try enterObject(in: bytes)
            while try nextMember(in: bytes) != nil { try skipValue(in: bytes) }
        case .array:
            try enterArray(in: bytes)
            while try nextElement(in: bytes) { try skipValue(in: bytes) }
        case .string: _ = try readText(in: bytes)
        case .number: try skipNumber(in: bytes)
        case .bool, .null: try skipWord(in: bytes)
        }
        return start..<offset
    }

    public mutating func enterObject(in bytes: Span<UInt8>) throws(JSONError) {
        try enter(UInt8(ascii: "{"), "An object is expected here.", in: bytes)
    }

    /// Moves past the next member's name and colon, to its value; past the closing brace, and nil, if there is none.
    public mutating func nextMember(in bytes: Span<UInt8>) throws(JSONError) -> JSONText? {
        guard try advance(closing: UInt8(ascii: "}"), in: bytes) else { return nil }
        skipWhiteSpace(in: bytes)
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            throw failure("A member's name in double quotes is expected here.")
        }
        let name = try readText(in: bytes)
        skipWhiteSpace(in: bytes)
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else {
            throw failure("A colon is expected after a member's name.")
        }
        offset += 1
        return name
    }

    public mutating func enterArray(in bytes: Span<UInt8>) throws(JSONError) {
        try enter(UInt8(ascii: "["), "An array is expected here.", in: bytes)
    }

    /// Moves to the next element; past the closing bracket, and false, if there is none.
    public mutating func nextElement(in bytes: Span<UInt8>) throws(JSONError) -> Bool {
        try advance(closing: UInt8(ascii: "]"), in: bytes)
    }

    /// Checks that nothing but white space is left.
    public mutating func finish(in bytes: Span<UInt8>) throws(JSONError) {
        skipWhiteSpace(in: bytes)
        guard offset == bytes.count else { throw failure("There is more text after the value.") }
    }

    private mutating func enter(_ opening: UInt8, _ sentence: String, in bytes: Span<UInt8>) throws(JSONError) {
        skipWhiteSpace(in: bytes)
        guard offset < bytes.count, bytes[offset] == opening else { throw failure(sentence) }
        guard depth < depthLimit else { throw failure("Objects and arrays are nested too deeply.") }
        depth += 1
        offset += 1
        isFirst = true
    }

    /// Moves past the comma before the next item, if one has to be there; false if the container ends instead.
    private mutating func advance(closing: UInt8, in bytes: Span<UInt8>) throws(JSONError) -> Bool {
        skipWhiteSpace(in: bytes)
        guard offset < bytes.count else { throw failure("The text ends inside an object or array.") }
        let byte = bytes[offset]
        defer { isFirst = false }
        if byte == closing {
            offset += 1
            depth -= 1
            return false
        }
        if isFirst { return true }
        guard byte == UInt8(ascii: ",") else {
            throw failure("A comma or the end of the object or array is expected here.")
        }
        offset += 1
        return true
    }

    mutating func skipWhiteSpace(in bytes: Span<UInt8>) {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    func failure(_ sentence: String) -> JSONError {
        JSONError(offset: offset, sentence: sentence)
    }
}
