import Domain

/// `localhost` and what RFC 6761, section 6.3, puts below it.
func isLocalName(_ host: String) -> Bool {
    var name = host.lowercased()
    if name.hasSuffix(".") { name.removeLast() }
    return name == "localhost" || name.hasSuffix(".localhost")
}

/// The address that a URL's host spells out, in any form some program accepts: IPv6 with or without brackets and zone,
/// and for IPv4 one to four numbers in decimal, octal (`0…`) or hexadecimal (`0x…`), the last of which fills the bytes
/// that are left, as `inet_aton` has read them since 4.2BSD. Nil for a name.
func literalAddress(_ host: String) -> IPAddress? {
    var text = host[...]
    if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
    if text.unicodeScalars.contains(":") {
        return IPAddress(Substring(text.unicodeScalars.prefix { $0 != "%" }))
    }
    if text.hasSuffix(".") { text.removeLast() }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...4).contains(parts.count) else { return nil }
    var address: UInt64 = 0
    for (index, part) in parts.enumerated() {
        guard let number = looseNumber(part) else { return nil }
        let bytes = index == parts.count - 1 ? 4 - index : 1
        guard number < 1 << UInt64(8 * bytes) else { return nil }
        address = address << UInt64(8 * bytes) | number
    }
    return .v4(UInt32(address))
}

/// As C's strtoul reads it with base 0, without signs and spaces.
private func looseNumber(_ text: Substring) -> UInt64? {
    guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
    let lower = text.lowercased()
    if lower.hasPrefix("0x") {
        let digits = lower.dropFirst(2)
        // A bare "0x" is zero to some resolvers.
        return digits.isEmpty ? 0 : digits.hasPrefix("+") || digits.hasPrefix("-") ? nil : UInt64(digits, radix: 16)
    }
    if lower.count > 1, first == UInt8(ascii: "0") { return UInt64(lower, radix: 8) }
    return UInt64(lower)
}
