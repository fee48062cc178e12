/// Where a string token's content lies in a text that has been scanned: the bytes between its quotes.
public struct JSONText: Sendable, Equatable {
    public var range: Range<Int>
    /// Whether the content has escapes and so differs from the text it stands for.
    public var isEscaped: Bool

    public init(range: Range<Int>, isEscaped: Bool) {
        self.range = range
        self.isEscaped = isEscaped
    }

    /// The string that the token stands for. A surrogate escape without its partner becomes U+FFFD.
    public func string(in bytes: Span<UInt8>) -> String {
        if isEscaped { return String(decoding: utf8(in: bytes), as: UTF8.self) }
        return bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// The same as UTF-8 bytes.
    public func utf8(in bytes: Span<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(range.count)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            if byte != UInt8(ascii: "\\") {
                decoded.append(byte)
                index += 1
            } else {
                decoded.append(contentsOf: UTF8.encode(escape(in: bytes, at: &index))!)
            }
        }
        return decoded
    }

    /// Where the byte or escape stands that `utf8` has at `offset`, or in the middle of which it is; the token's end if
    /// there is none.
    public func place(ofUTF8 offset: Int, in bytes: Span<UInt8>) -> Int {
        var index = range.lowerBound
        var passed = 0
        while index < range.upperBound {
            var next = index
            if bytes[index] != UInt8(ascii: "\\") {
                next += 1
                passed += 1
            } else {
                passed += UTF8.width(escape(in: bytes, at: &next))
            }
            if passed > offset { break }
            index = next
        }
        return index
    }

    /// Whether the token stands for exactly these UTF-8 bytes.
    public func equals(_ utf8: [UInt8], in bytes: Span<UInt8>) -> Bool {
        if isEscaped { return self.utf8(in: bytes) == utf8 }
        guard range.count == utf8.count else { return false }
        for index in utf8.indices where bytes[range.lowerBound + index] != utf8[index] { return false }
        return true
    }

    /// The scalar of the escape at `index`, which may be a pair of them; moves past it.
    private func escape(in bytes: Span<UInt8>, at index: inout Int) -> Unicode.Scalar {
        if bytes[index + 1] == UInt8(ascii: "u") { return unicodeEscape(in: bytes, at: &index) }
        index += 2
        return Unicode.Scalar(Self.meaning(ofEscape: bytes[index - 1]))
    }

    private static func meaning(ofEscape byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: byte
        }
    }

    /// The scalar of the escape at `index`, or of the surrogate pair that begins there; moves past it.
    private func unicodeEscape(in bytes: Span<UInt8>, at index: inout Int) -> Unicode.Scalar {
        let first = Self.hexadecimal(in: bytes, at: index + 2)
        index += 6
        guard (0xD800...0xDBFF).contains(first) else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        guard index + 6 <= range.upperBound, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return "\u{FFFD}" }
        let second = Self.hexadecimal(in: bytes, at: index + 2)
        guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
        index += 6
        return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    /// Four hexadecimal digits, which the scanner has already found to be such.
    private static func hexadecimal(in bytes: Span<UInt8>, at start: Int) -> UInt32 {
        var value: UInt32 = 0
        for index in start..<start + 4 {
            let byte = bytes[index]
            let digit = byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : (byte | 0x20) - UInt8(ascii: "a") + 10
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
