/// Reads one JSON5 document. Recursive, with a bound on its depth.
struct JSON5Reader {
    private static let depthMost = 32

    let bytes: [UInt8]
    var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() throws(JSON5Error) -> ConfigurationNode {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw error("the file is not UTF-8") }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let node = try value()
        try skipSpace()
        guard position == bytes.count else { throw error("something follows the end of the document") }
        return node
    }

    // MARK: Values

    private mutating func value() throws(JSON5Error) -> ConfigurationNode {
        try skipSpace()
        let line = line
        guard let byte = peek else { throw error("the file ends where a value should be") }
        let content: ConfigurationNode.Content
        switch byte {
        case UInt8(ascii: "{"): content = try nested { reader throws(JSON5Error) in .object(try reader.members()) }
        case UInt8(ascii: "["): content = try nested { reader throws(JSON5Error) in .list(try reader.items()) }
        case UInt8(ascii: "\""), UInt8(ascii: "'"): content = .text(try quoted())
        case 48...57, UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."): content = .number(try number())
        default: content = try word()
        }
        return ConfigurationNode(content: content, line: line)
    }

    private mutating func nested(
        _ read: (inout JSON5Reader) throws(JSON5Error) -> ConfigurationNode.Content
    ) throws(JSON5Error) -> ConfigurationNode.Content {
        guard depth < Self.depthMost else { throw error("brackets are nested more than \(Self.depthMost) deep") }
        depth += 1
        position += 1
        let content = try read(&self)
        depth -= 1
        return content
    }

    private mutating func members() throws(JSON5Error) -> [(name: String, node: ConfigurationNode)] {
        var members: [(name: String, node: ConfigurationNode)] = []
        while true {
            try skipSpace()
            if take("}") { return members }
            let name = peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'") ? try quoted() : try bareName()
            guard !members.contains(where: { $0.name == name }) else { throw error("\(name) is there twice") }
            try skipSpace()
            guard take(":") else { throw error("a colon is missing after \(name)") }
            members.append((name, try value()))
            try skipSpace()
            guard take(",") || peek == UInt8(ascii: "}") else {
                throw error("a comma or a closing brace is missing after \(name)")
            }
        }
    }

    private mutating func items() throws(JSON5Error) -> [ConfigurationNode] {
        var items: [ConfigurationNode] = []
        while true {
            try skipSpace()
            if take("]") { return items }
            items.append(try value())
            try skipSpace()
            guard take(",") || peek == UInt8(ascii: "]") else {
                throw error("a comma or a closing bracket is missing in a list")
            }
        }
    }

    private mutating func word() throws(JSON5Error) -> ConfigurationNode.Content {
        let start = position
        switch try bareName() {
        case "true": return .flag(true)
        case "false": return .flag(false)
        case "null": return .null
        case "Infinity": return .number(.infinity)
        case "NaN": return .number(.nan)
        case let other:
            position = start
            throw error("\(other) is not a value; texts need quotes")
        }
    }

    private mutating func bareName() throws(JSON5Error) -> String {
        let start = position
        while let byte = peek, isNameByte(byte, isFirst: position == start) { position += 1 }
        guard position > start else {
            let shown = peek.map {
                $0 < 33 || $0 > 126 ? "an unexpected character" : "\"\(Character(Unicode.Scalar($0)))\""
            }
            throw error("\(shown ?? "the end of the file") stands where a name or a value should be")
        }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case 65...90, 97...122, UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
        case 48...57: !isFirst
        default: false
        }
    }

    private mutating func number() throws(JSON5Error) -> Double {
        let start = position
        while let byte = peek, isNameByte(byte, isFirst: false) || [43, 45, 46].contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let unsigned = text.drop { $0 == "+" || $0 == "-" }
        let sign = text.hasPrefix("-") ? -1.0 : 1.0
        if text.count - unsigned.count <= 1 {
            if unsigned.lowercased().hasPrefix("0x"), let hex = UInt64(unsigned.dropFirst(2), radix: 16) {
                return sign * Double(hex)
            }
            if unsigned == "Infinity" { return sign * .infinity }
            let startsWell = unsigned.prefix(2).contains(where: \.isNumber)
            let hasNeedlessZero = unsigned.count > 1 && unsigned.hasPrefix("0") && unsigned.dropFirst().first!.isNumber
            let padded = unsigned.hasPrefix(".") ? "0" + unsigned : unsigned.hasSuffix(".") ? unsigned + "0" : unsigned
            if startsWell, !hasNeedlessZero, let number = Double(padded) { return sign * number }
        }
        position = start
        throw error("\(text) is not a number")
    }

    // MARK: The characters themselves

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// White space and comments.
    private mutating func skipSpace() throws(JSON5Error) {
        while let byte = peek {
            switch byte {
            case 9...13, 32: position += 1
            case 0xC2 where bytes[position...].starts(with: [0xC2, 0xA0]): position += 2
            case UInt8(ascii: "/") where bytes[position...].starts(with: Array("//".utf8)):
                while let next = peek, next != 10, next != 13 { position += 1 }
            case UInt8(ascii: "/") where bytes[position...].starts(with: Array("/*".utf8)):
                let start = position
                position += 2
                while !bytes[position...].starts(with: Array("*/".utf8)) {
                    guard position < bytes.count else {
                        position = start
                        throw error("a comment that begins with /* has no end")
                    }
                    position += 1
                }
                position += 2
            default: return
            }
        }
    }

    /// Of the current position.
    var line: Int { 1 + bytes[..<min(position, bytes.count)].count { $0 == 10 } }

    func error(_ reason: String) -> JSON5Error { JSON5Error(line: line, reason: reason) }
}
