extension JSON5Reader {
    /// A text in single or double quotes, at whose opening quote the reader stands.
    mutating func quoted() throws(JSON5Error) -> String {
        let start = position
        let quote = bytes[position]
        position += 1
        var text: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case quote: return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 10, 13:
                position -= 1
                throw error("a text goes on over the end of its line")
            default: text.append(byte)
            }
        }
        position = start
        throw error("a text has no closing quote")
    }

    /// What follows a backslash.
    private mutating func escape(into text: inout [UInt8]) throws(JSON5Error) {
        guard let byte = peek else { throw error("the file ends in an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "v"): text.append(11)
        case UInt8(ascii: "0"): text.append(0)
        case UInt8(ascii: "1")...UInt8(ascii: "9"): throw error("\\ and a digit is not an escape")
        case UInt8(ascii: "x"): append(try hexDigits(2), to: &text)
        case UInt8(ascii: "u"): append(try unicodeEscape(), to: &text)
        // A backslash at the end of a line continues the text on the next.
        case 10: break
        case 13: _ = take("\n")
        default: text.append(byte)
        }
    }

    private mutating func unicodeEscape() throws(JSON5Error) -> UInt32 {
        let unit = try hexDigits(4)
        guard (0xD800...0xDFFF).contains(unit) else { return unit }
        guard unit < 0xDC00, take("\\"), take("u"), case let low = try hexDigits(4), (0xDC00...0xDFFF).contains(low)
        else { throw error("half of a surrogate pair stands alone") }
        return 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
    }

    private mutating func hexDigits(_ count: Int) throws(JSON5Error) -> UInt32 {
        guard position + count <= bytes.count,
            bytes[position..<position + count].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: bytes[position..<position + count], as: UTF8.self), radix: 16)
        else { throw error("an escape lacks its \(count) hexadecimal digits") }
        position += count
        return value
    }

    private func append(_ scalar: UInt32, to text: inout [UInt8]) {
        text += Array(String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
    }
}
