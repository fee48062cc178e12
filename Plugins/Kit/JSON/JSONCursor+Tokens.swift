// The tokens of RFC 8259: strings (section 7), numbers (section 6) and the three words (section 3).
extension JSONCursor {
    /// Moves past a string; its content as it stands, escapes included. Refuses text that is not UTF-8 (RFC 3629).
    public mutating func readText(in bytes: Span<UInt8>) throws(JSONError) -> JSONText {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
            throw failure("A string is expected here.")
        }
        offset += 1
        let start = offset
        var isEscaped = false
        while true {
            skipPlainText(in: bytes)
            guard offset < bytes.count else { throw failure("The text ends inside a string.") }
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                return JSONText(range: start..<offset - 1, isEscaped: isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                try skipEscape(in: bytes)
            case ..<0x20: throw failure("A control character in a string must be escaped.")
            default: try skipMultibyteScalar(in: bytes)
            }
        }
    }

    /// Moves to the next byte that means something in a string: a quote, a backslash, a control character, or the start
    /// of a scalar beyond ASCII.
    private mutating func skipPlainText(in bytes: Span<UInt8>) {
        // A local counter stays in a register; most of the time of reading JSON is spent in this loop.
        var next = offset
        while next < bytes.count {
            let byte = bytes[next]
            if byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            next += 1
        }
        offset = next
    }

    mutating func skipNumber(in bytes: Span<UInt8>) throws(JSONError) {
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        let integer = offset
        try skipDigits(in: bytes)
        guard bytes[integer] != UInt8(ascii: "0") || offset == integer + 1 else {
            offset = integer
            throw failure("A number must not begin with a zero before other digits.")
        }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try skipDigits(in: bytes)
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            try skipDigits(in: bytes)
        }
    }

    mutating func skipWord(in bytes: Span<UInt8>) throws(JSONError) {
        let word: StaticString =
            switch bytes[offset] {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            default: "null"
            }
        guard bytes.count - offset >= word.utf8CodeUnitCount else { throw failure("A value is expected here.") }
        for index in 0..<word.utf8CodeUnitCount where bytes[offset + index] != word.utf8Start[index] {
            throw failure("A value is expected here.")
        }
        offset += word.utf8CodeUnitCount
    }

    /// At least one digit.
    private mutating func skipDigits(in bytes: Span<UInt8>) throws(JSONError) {
        let start = offset
        while offset < bytes.count, bytes[offset] &- UInt8(ascii: "0") < 10 { offset += 1 }
        if offset == start { throw failure("A digit is expected here.") }
    }

    private mutating func skipEscape(in bytes: Span<UInt8>) throws(JSONError) {
        guard offset + 1 < bytes.count else { throw failure("The text ends inside a string.") }
        switch bytes[offset + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 2
        case UInt8(ascii: "u"):
            guard offset + 6 <= bytes.count else { throw failure("The text ends inside a string.") }
            for index in offset + 2..<offset + 6 where !Self.isHexadecimal(bytes[index]) {
                throw failure("Four hexadecimal digits must follow \\u.")
            }
            offset += 6
        default: throw failure("There is no such escape in JSON.")
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
    }

    /// One scalar of two to four bytes, in its shortest form and no surrogate (RFC 3629, section 4).
    private mutating func skipMultibyteScalar(in bytes: Span<UInt8>) throws(JSONError) {
        let second: ClosedRange<UInt8>
        let length: Int
        switch bytes[offset] {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw failure("The text is not valid UTF-8.")
        }
        guard offset + length <= bytes.count, second.contains(bytes[offset + 1]) else {
            throw failure("The text is not valid UTF-8.")
        }
        for index in offset + 2..<offset + length where bytes[index] & 0xC0 != 0x80 {
            throw failure("The text is not valid UTF-8.")
        }
        offset += length
    }
}
