/// Percent-encoding of bytes that stand for themselves in no part of a URL (RFC 3986, section 2.1).
public enum PercentEncoding: Sendable {
    /// Only unreserved characters stay (RFC 3986, section 2.3), so that the result fits any component.
    case component
    /// `application/x-www-form-urlencoded`: a space becomes a plus sign, and a tilde is escaped.
    case form

    /// Appends one byte, escaped if it has to be, with digits in upper case.
    public func append(_ byte: UInt8, to output: inout [UInt8]) {
        if stays(byte) {
            output.append(byte)
        } else if case .form = self, byte == UInt8(ascii: " ") {
            output.append(UInt8(ascii: "+"))
        } else {
            let digits: StaticString = "0123456789ABCDEF"
            output.append(UInt8(ascii: "%"))
            output.append(digits.utf8Start[Int(byte >> 4)])
            output.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    public func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        for byte in bytes { append(byte, to: &output) }
        return output
    }

    private func stays(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        case UInt8(ascii: "~"): self == .component
        case UInt8(ascii: "*"): self == .form
        default: false
        }
    }

    /// Undoes `%xx` and leaves all else, a percent sign without two digits included.
    public static func decode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(bytes)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = Hex.value(bytes[index + 1]), let low = Hex.value(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return output
    }
}
