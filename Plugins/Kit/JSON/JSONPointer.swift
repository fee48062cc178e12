/// A place in a JSON text (RFC 6901): `/orders/0/id`; the empty text is the whole.
public struct JSONPointer: Sendable, Equatable {
    /// Member names and array indices, in UTF-8, unescaped.
    public let tokens: [[UInt8]]

    /// Nil if the text is no pointer: it is empty or begins with a slash, and a tilde is followed by 0 or 1.
    public init?(_ text: String) {
        guard !text.isEmpty else {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [[UInt8]] = []
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let token = Self.unescaped(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    public init(tokens: [[UInt8]]) { self.tokens = tokens }

    private static func unescaped(_ part: Substring.UTF8View) -> [UInt8]? {
        var token: [UInt8] = []
        var rest = part
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                token.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): token.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): token.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return token
    }

    /// The index that a token stands for: digits without leading zeros (section 4); nil for anything else.
    public static func index(_ token: [UInt8]) -> Int? {
        guard !token.isEmpty, token.count <= 9, token.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
            token.count == 1 || token[0] != UInt8(ascii: "0")
        else { return nil }
        return token.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// The bytes of the value at this place; nil if there is none. Of a repeated member the last one counts.
    /// Checks all of the text.
    public func find(in bytes: Span<UInt8>) throws(JSONError) -> Range<Int>? {
        var cursor = JSONCursor()
        let whole = try cursor.skipValue(in: bytes)
        try cursor.finish(in: bytes)
        return try find(in: bytes, within: whole)
    }

    /// The same from one value of the text on, which is known to be good.
    public func find(in bytes: Span<UInt8>, within value: Range<Int>) throws(JSONError) -> Range<Int>? {
        var found: Range<Int>? = value
        for token in tokens {
            guard let container = found else { return nil }
            found = try Self.step(into: container, token, bytes)
        }
        return found
    }

    private static func step(
        into container: Range<Int>, _ token: [UInt8], _ bytes: Span<UInt8>
    ) throws(JSONError) -> Range<Int>? {
        var cursor = JSONCursor(offset: container.lowerBound)
        switch try cursor.peekKind(in: bytes) {
        case .object:
            var found: Range<Int>?
            try cursor.enterObject(in: bytes)
            while let name = try cursor.nextMember(in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                if name.equals(token, in: bytes) { found = value }
            }
            return found
        case .array:
            guard var left = index(token) else { return nil }
            try cursor.enterArray(in: bytes)
            while try cursor.nextElement(in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                if left == 0 { return value }
                left -= 1
            }
            return nil
        case .string, .number, .bool, .null: return nil
        }
    }
}
