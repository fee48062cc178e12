import Domain

/// `localhost` and what RFC 6761, section 6.3, puts below it.
func isLocalName(_ host: String) -> Bool {
    let name = withoutLastDot(host[...])
    let below = ".localhost".utf8
    return name.isExactlyIgnoringCase("localhost")
        || name.utf8.suffix(below.count).elementsEqual(below, by: isSameIgnoringCase)
}

/// The address that a URL's host spells out, in any form some program accepts: IPv6 with or without brackets and zone,
/// and for IPv4 one to four numbers in decimal, octal (`0…`) or hexadecimal (`0x…`), the last of which fills the bytes
/// that are left, as `inet_aton` has read them since 4.2BSD. Nil for a name.
func literalAddress(_ host: String) -> IPAddress? {
    var text = host[...]
    if text.beginsExactly(with: "["), text.endsExactly(with: "]") {
        text = Substring(text.utf8.dropFirst().dropLast())
    }
    if text.unicodeScalars.contains(":") {
        return IPAddress(Substring(text.unicodeScalars.prefix { $0 != "%" }))
    }
    let parts = withoutLastDot(text).pieces(at: ".")
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

private func withoutLastDot(_ text: Substring) -> Substring {
    text.endsExactly(with: ".") ? Substring(text.utf8.dropLast()) : text
}

/// As C's strtoul reads it with base 0, without signs and spaces.
private func looseNumber(_ text: Substring) -> UInt64? {
    guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
    let lower = text.lowercased()
    if lower.beginsExactly(with: "0x") {
        let digits = Substring(lower.utf8.dropFirst(2))
        // A bare "0x" is zero to some resolvers.
        if digits.isEmpty { return 0 }
        return digits.utf8.first.map(isSign) == true ? nil : UInt64(digits, radix: 16)
    }
    if lower.utf8.count > 1, first == UInt8(ascii: "0") { return UInt64(lower, radix: 8) }
    return UInt64(lower)
}

private func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
