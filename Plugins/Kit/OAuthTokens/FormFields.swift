import Encoding
import PluginKit

/// A body of `application/x-www-form-urlencoded` (RFC 6749, appendix B). Its secret never passes through a string.
public struct FormFields {
    private var bytes: [UInt8] = []

    public init() {}

    public mutating func append(_ name: String, _ value: String) {
        append(name)
        for byte in value.utf8 { PercentEncoding.form.append(byte, to: &bytes) }
    }

    private mutating func append(_ name: String) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
        for byte in name.utf8 { PercentEncoding.form.append(byte, to: &bytes) }
        bytes.append(UInt8(ascii: "="))
    }

    public consuming func finished() -> Secret { Secret(wiping: &bytes) }

    /// The form with a secret as its last field. Room for all of it is made first: an array that grows leaves a copy
    /// behind, in memory that nobody wipes.
    public consuming func finished(_ name: String, _ value: Secret) -> Secret {
        bytes.reserveCapacity(bytes.count + 3 * name.utf8.count + 2 + 3 * value.count)
        append(name)
        value.withBytes { for byte in $0 { PercentEncoding.form.append(byte, to: &bytes) } }
        return Secret(wiping: &bytes)
    }
}
