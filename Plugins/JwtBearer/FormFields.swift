import PluginKit

/// A body of `application/x-www-form-urlencoded` (RFC 6749, appendix B). Its secret never passes through a string.
struct FormFields {
    private var bytes: [UInt8] = []

    mutating func append(_ name: String, _ value: String) {
        append(name)
        for byte in value.utf8 { append(byte) }
    }

    /// Names are our own and need no escapes.
    private mutating func append(_ name: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "*"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"):
            bytes.append(byte)
        case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
        default:
            let digits: StaticString = "0123456789ABCDEF"
            bytes.append(UInt8(ascii: "%"))
            bytes.append(digits.utf8Start[Int(byte >> 4)])
            bytes.append(digits.utf8Start[Int(byte & 15)])
        }
    }

    /// The form with a secret as its last field. Room for all of it is made first: an array that grows leaves a copy
    /// behind, in memory that nobody wipes.
    consuming func finished(_ name: String, _ value: Secret) -> Secret {
        bytes.reserveCapacity(bytes.count + name.utf8.count + 2 + 3 * value.count)
        append(name)
        value.withBytes { for byte in $0 { append(byte) } }
        return Secret(wiping: &bytes)
    }
}
