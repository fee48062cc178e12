/// An IPv4 or IPv6 address.
package enum IPAddress: Hashable, Sendable {
    /// Big-endian: 127.0.0.1 is 0x7F000001.
    case v4(UInt32)
    /// The first and the last eight bytes, big-endian.
    case v6(high: UInt64, low: UInt64)

    /// Strictly the usual text forms: four decimal numbers without leading zeros, or RFC 4291, section 2.2, without
    /// brackets and zone. Nil for anything else.
    package init?(_ text: some StringProtocol) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = groupsOfIPv6(Array(text.utf8)) else { return nil }
            func half(_ start: Int) -> UInt64 { groups[start..<start + 4].reduce(0) { $0 << 16 | UInt64($1) } }
            self = .v6(high: half(0), low: half(4))
        } else {
            guard let number = dottedDecimal(Array(text.utf8)[...]) else { return nil }
            self = .v4(number)
        }
    }

    /// From 4 or 16 bytes as they travel on the wire. Nil for another count.
    package init?(bytes: some Collection<UInt8>) {
        func number(_ part: some Sequence<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        switch bytes.count {
        case 4: self = .v4(UInt32(number(bytes)))
        case 16: self = .v6(high: number(bytes.prefix(8)), low: number(bytes.dropFirst(8)))
        default: return nil
        }
    }

    /// The IPv4 address within an IPv4-mapped (`::ffff:a.b.c.d`) or the retired IPv4-compatible (`::a.b.c.d`) form:
    /// a socket to either reaches the IPv4 host. Other addresses stay as they are, `::` and `::1` among them.
    package var unwrapped: IPAddress {
        guard case .v6(0, let low) = self else { return self }
        let prefix = low >> 32
        guard prefix == 0xFFFF || prefix == 0 && low > 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: low))
    }
}

extension IPAddress {
    /// Whether the last eight bytes say that routers may carry it over IPv4 to the address in its last four (RFC 5214,
    /// section 6.1), which can be any network's.
    package var isISATAP: Bool {
        guard case .v6(_, let low) = self else { return false }
        // The second bit of the first byte says whether the IPv4 address is unique in the world.
        return (low >> 32) & ~0x0200_0000 == 0x5EFE
    }
}

extension IPAddress: CustomStringConvertible {
    /// IPv6 in the form of RFC 5952: lower case, the longest run of zero groups as `::`.
    package var description: String {
        switch self {
        case .v4(let number):
            return [24, 16, 8, 0].map { String(number >> $0 & 255) }.joined(separator: ".")
        case .v6(let high, let low):
            if high == 0, low >> 32 == 0xFFFF { return "::ffff:\(unwrapped)" }
            let groups = [high, low].flatMap { half in [48, 32, 16, 0].map { half >> UInt64($0) & 0xFFFF } }
            let run = longestZeroRun(groups)
            func text(_ part: ArraySlice<UInt64>) -> String {
                part.map { String($0, radix: 16) }.joined(separator: ":")
            }
            guard run.count > 1 else { return text(groups[...]) }
            return text(groups[..<run.lowerBound]) + "::" + text(groups[run.upperBound...])
        }
    }
}

private func longestZeroRun(_ groups: [UInt64]) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in 0...groups.count where index == groups.count || groups[index] != 0 {
        if index - start > longest.count { longest = start..<index }
        start = index + 1
    }
    return longest
}

private func dottedDecimal(_ text: ArraySlice<UInt8>) -> UInt32? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var number: UInt32 = 0
    for part in parts {
        guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
        var value: UInt32 = 0
        for digit in part {
            guard (48...57).contains(digit) else { return nil }
            value = value * 10 + UInt32(digit - 48)
        }
        guard value < 256 else { return nil }
        number = number << 8 | value
    }
    return number
}

/// Eight groups of 16 bits, or nil.
private func groupsOfIPv6(_ text: [UInt8]) -> [UInt16]? {
    let colon = UInt8(ascii: ":")
    let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
    guard let gap else {
        guard let groups = colonGroups(text[...]), groups.count == 8 else { return nil }
        return groups
    }
    guard let front = colonGroups(text[..<gap], mayEndDotted: false), let back = colonGroups(text[(gap + 2)...]),
        front.count + back.count < 8
    else { return nil }
    return front + [UInt16](repeating: 0, count: 8 - front.count - back.count) + back
}

/// Groups between single colons; the last one may be an IPv4 address and counts as two.
private func colonGroups(_ text: ArraySlice<UInt8>, mayEndDotted: Bool = true) -> [UInt16]? {
    guard !text.isEmpty else { return [] }
    var groups: [UInt16] = []
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
        if mayEndDotted, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
            guard let number = dottedDecimal(part) else { return nil }
            groups += [UInt16(number >> 16), UInt16(number & 0xFFFF)]
        } else {
            guard (1...4).contains(part.count), part.allSatisfy(isHexDigit),
                let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
            else { return nil }
            groups.append(group)
        }
    }
    return groups
}

/// The number's own reader takes a sign, too.
private func isHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte | 0x20)
}
