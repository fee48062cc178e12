import Encoding

/// Just enough of DER (X.690) to write keys that nobody would.
enum DER {
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        frame(0x02, (magnitude.first ?? 0x80) >= 0x80 ? [0] + magnitude : magnitude)
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { frame(0x30, parts.flatMap { $0 }) }
    static func octets(_ content: [UInt8]) -> [UInt8] { frame(0x04, content) }
    static func identifier(_ content: [UInt8]) -> [UInt8] { frame(0x06, content) }

    private static func frame(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let size = content.count
        let length: [UInt8] =
            size < 0x80 ? [UInt8(size)] : [0x82, UInt8(truncatingIfNeeded: size >> 8), UInt8(truncatingIfNeeded: size)]
        return [tag] + length + content
    }

    static func pem(_ label: String, _ der: [UInt8]) -> String {
        var lines: [String] = []
        var rest = Base64.encode(der)[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(64)))
            rest = rest.dropFirst(64)
        }
        return "-----BEGIN \(label)-----\n\(lines.joined(separator: "\n"))\n-----END \(label)-----\n"
    }
}
