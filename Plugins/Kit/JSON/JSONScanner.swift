/// Checks JSON without keeping any of it.
public enum JSONScanner {
    /// Whether the bytes are one JSON text: RFC 8259 without leniency, in valid UTF-8, without a byte order mark.
    /// Allocates nothing. The root's kind.
    public static func validate(_ bytes: [UInt8], depthLimit: Int = 64) throws(JSONError) -> JSONRootKind {
        try validate(bytes.span, depthLimit: depthLimit)
    }

    /// The same for bytes that are not in an array.
    public static func validate(_ bytes: Span<UInt8>, depthLimit: Int = 64) throws(JSONError) -> JSONRootKind {
        var cursor = JSONCursor(depthLimit: depthLimit)
        let kind = try cursor.peekKind(in: bytes)
        try cursor.skipValue(in: bytes)
        try cursor.finish(in: bytes)
        return kind
    }

    /// Where the one value of a good text lies: the text without the white space around it.
    public static func range(ofValueIn text: [UInt8]) -> Range<Int> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        let start = text.firstIndex { !isSpace($0) } ?? text.count
        let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return start..<end
    }
}
