import Domain

/// Which addresses requests may go to: all but those of private, local and special networks, unless the
/// configuration opens them. A pure value; the courier asks it for every connection it opens.
package struct AddressPolicy: Sendable {
    package enum Verdict: Sendable, Equatable {
        case allowed
        /// In words that complete "127.0.0.1 is …": `a loopback address (127.0.0.0/8)`.
        case blocked(String)
    }

    private let opened: [AddressRange]

    /// opened: ranges to allow in spite of the rules (the setting `allowed_cidrs`).
    package init(opened: [AddressRange] = []) { self.opened = opened }

    /// Forms of IPv6 that reach an IPv4 host are judged as that host.
    package func verdict(for address: IPAddress) -> Verdict {
        let actual = address.unwrapped
        if opened.contains(where: { $0.contains(actual) || $0.contains(address) }) { return .allowed }
        if actual.isISATAP { return .blocked("an ISATAP address (::0:5efe:0:0/96 below any network)") }
        guard let rule = Self.rules.first(where: { $0.range.contains(actual) }) else { return .allowed }
        return .blocked("\(rule.name) (\(rule.range))")
    }

    /// For a host as it stands in a URL, to refuse early what can only fail later. Nil if it is a name, which only
    /// the connection can judge.
    package func verdict(forLiteralHost host: String) -> Verdict? {
        if isLocalName(host) {
            let loopback = [IPAddress.v4(0x7F00_0001), .v6(high: 0, low: 1)].map(verdict(for:))
            return loopback.contains(.allowed) ? .allowed : loopback[0]
        }
        return literalAddress(host).map(verdict(for:))
    }

    private struct Rule: Sendable {
        let range: AddressRange
        let name: String

        /// range: one of the literals below; a wrong one traps on first use, which the tests are.
        init(_ range: String, _ name: String) {
            self.range = AddressRange(range)!
            self.name = name
        }
    }

    // From the IANA registries of special-purpose addresses; the first rule that fits names the refusal. The
    // documentation networks of IPv4 are left out: they lead nowhere, and the contract wants them to pass.
    private static let rules = [
        Rule("0.0.0.0/8", "an address of this host"),
        Rule("10.0.0.0/8", "a private address"),
        Rule("100.64.0.0/10", "a carrier-grade NAT address"),
        Rule("127.0.0.0/8", "a loopback address"),
        Rule("169.254.0.0/16", "a link-local address, where cloud metadata services live"),
        Rule("172.16.0.0/12", "a private address"),
        Rule("192.0.0.0/24", "a protocol assignment address"),
        Rule("192.88.99.0/24", "a 6to4 relay address"),
        Rule("192.168.0.0/16", "a private address"),
        Rule("198.18.0.0/15", "a benchmarking address"),
        Rule("224.0.0.0/4", "a multicast address"),
        Rule("240.0.0.0/4", "a reserved or broadcast address"),
        Rule("::/128", "the unspecified address"),
        Rule("::1/128", "a loopback address"),
        // What is left of ::/96 is neither; IPv4-compatible forms have been unwrapped.
        Rule("::/96", "a reserved address"),
        Rule("::ffff:0:0:0/96", "an IPv4-translated address"),
        Rule("64:ff9b::/96", "a NAT64 address"),
        Rule("64:ff9b:1::/48", "a local NAT64 address"),
        Rule("100::/64", "a discard-only address"),
        Rule("2001::/32", "a Teredo address"),
        Rule("2001:2::/48", "a benchmarking address"),
        Rule("2001:10::/28", "an ORCHID"),
        Rule("2001:20::/28", "an ORCHID"),
        Rule("2001:db8::/32", "a documentation address"),
        Rule("2002::/16", "a 6to4 address"),
        Rule("3fff::/20", "a documentation address"),
        Rule("5f00::/16", "a segment routing address"),
        Rule("fc00::/7", "a unique local address"),
        Rule("fe80::/10", "a link-local address"),
        Rule("fec0::/10", "a site-local address"),
        Rule("ff00::/8", "a multicast address"),
    ]
}
