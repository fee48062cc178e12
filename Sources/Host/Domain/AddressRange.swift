/// A block of addresses in CIDR notation: `10.0.0.0/8`, `fc00::/7`, or one address alone.
package struct AddressRange: Hashable, Sendable {
    /// The first address of the block.
    package let base: IPAddress
    /// Leading bits that are fixed.
    package let length: Int

    /// Bits behind the length are cleared: `127.0.0.1/8` is `127.0.0.0/8`. Nil if the length does not fit.
    package init?(_ address: IPAddress, length: Int) {
        switch address {
        case .v4(let number):
            guard (0...32).contains(length) else { return nil }
            base = .v4(number & mask32(length))
        case .v6(let high, let low):
            guard (0...128).contains(length) else { return nil }
            base = .v6(high: high & mask64(length), low: low & mask64(length - 64))
        }
        self.length = length
    }

    /// Nil for anything that is not an address or a block in CIDR notation.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        if parts.count == 1 {
            guard let range = AddressRange(address, length: address.bits) else { return nil }
            self = range
        } else {
            guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(parts[1]),
                let range = AddressRange(address, length: length)
            else { return nil }
            self = range
        }
    }

    /// Never true between the two families: unwrap mapped addresses first.
    package func contains(_ address: IPAddress) -> Bool {
        AddressRange(address, length: length)?.base == base && address.bits == base.bits
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String { "\(base)/\(length)" }
}

extension IPAddress {
    fileprivate var bits: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }
}

private func mask32(_ length: Int) -> UInt32 { length <= 0 ? 0 : UInt32.max << UInt32(32 - length) }

private func mask64(_ length: Int) -> UInt64 {
    length <= 0 ? 0 : length >= 64 ? .max : UInt64.max << UInt64(64 - length)
}
