import Domain
import Testing

@testable import HTTPSender

@Suite struct AddressPolicyTests {
    private let closed = AddressPolicy()

    /// The contract's samples, and the neighbours of every blocked range.
    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "203.0.113.10", "172.32.0.1", "11.0.0.1", "2606:4700:4700::1111", "2001:4860:4860::8888",
        "1.0.0.0", "9.255.255.255", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
        "169.255.0.0", "172.15.255.255", "191.255.255.255", "192.0.1.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "::8.8.8.8", "2003::1", "2400::",
        "fbff::1", "64:ff9a::1", "64:ff9c::1", "2001:1::1", "64:ff9b:2::1",
        "2001:4860::5eff:7f00:1", "2001:4860::100:5efe:7f00:1",
    ])
    func `public addresses are allowed`(text: String) throws {
        #expect(closed.verdict(for: try #require(IPAddress(text))) == .allowed)
    }

    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.88.99.1",
        "192.168.0.1", "192.168.255.255", "198.18.0.0", "198.19.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.0",
        "255.255.255.255",
        "::", "::1", "::2", "fe80::1", "febf::1", "fec0::1", "feff::1", "fc00::1", "fd00::1", "fdff::1", "ff02::1",
        "2001::1", "2001:0:4136:e378::1", "2001:10::1", "2001:2f::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1",
        "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "100::1", "3fff::1", "5f00::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::10.1.2.3",
        "::ffff:0:127.0.0.1", "2001:4860::5efe:7f00:1", "2001:4860::200:5efe:8.8.8.8", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1:ffff:ffff:ffff:7f00:1", "2002:a00:1::1", "2001:0:7f00:1::1", "fd00:ec2::254", "100.100.100.200",
    ])
    func `local and special addresses are blocked`(text: String) throws {
        guard case .blocked(let rule) = closed.verdict(for: try #require(IPAddress(text))) else {
            Issue.record("\(text) is allowed")
            return
        }
        #expect(rule.contains("/"))
    }

    @Test func `an opened range is allowed, and no more than it`() throws {
        let ranges = ["127.0.0.1/32", "10.1.0.0/16", "fd00:1::/32", "64:ff9b::/96"]
        let policy = AddressPolicy(opened: ranges.compactMap { AddressRange($0) })
        for text in ["127.0.0.1", "10.1.255.255", "fd00:1::5", "::ffff:127.0.0.1", "64:ff9b::8.8.8.8"] {
            #expect(policy.verdict(for: try #require(IPAddress(text))) == .allowed)
        }
        for text in ["127.0.0.2", "10.2.0.0", "fd00:2::5", "::1", "::ffff:127.0.0.2"] {
            #expect(policy.verdict(for: try #require(IPAddress(text))) != .allowed)
        }
    }

    @Test(arguments: [
        "localhost", "LOCALHOST", "localhost.", "api.localhost", "127.0.0.1", "127.0.0.1.", "127.1", "127.0.1", "0",
        "0x7f000001", "0X7F.1", "017700000001", "0177.0.0.1", "2130706433", "0x7f.0.0.0x1", "10.1", "192.168.257",
        "[::1]", "::1", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "0x", "3232235777",
        "0xA9.0xFE.0xA9.0xFE", "[fe80::1%\u{301}]",
    ])
    func `a literal blocked host is recognised in every form`(host: String) {
        guard case .blocked = closed.verdict(forLiteralHost: host) else {
            Issue.record("\(host): \(String(describing: closed.verdict(forLiteralHost: host)))")
            return
        }
    }

    @Test(arguments: ["8.8.8.8", "134744072", "010.8.8.8", "[2606:4700::1111]", "0x8.8.8.8"])
    func `a literal public host is allowed`(host: String) {
        #expect(closed.verdict(forLiteralHost: host) == .allowed)
    }

    @Test(arguments: [
        "example.org", "localhost.example.org", "1.example", "256.256.256.256", "1.2.3.4.5", "127.0.0.1.nip.io", "",
        "a", "1..2", "0xzz", "08.8.8.8", "4294967296", "localhosts", "-1", "+1", "0x-1",
    ])
    func `a name is left to the connection`(host: String) {
        #expect(closed.verdict(forLiteralHost: host) == nil)
    }

    @Test func `localhost follows the opened ranges`() {
        let policy = AddressPolicy(opened: ["127.0.0.0/8"].compactMap { AddressRange($0) })
        #expect(policy.verdict(forLiteralHost: "localhost") == .allowed)
        #expect(policy.verdict(forLiteralHost: "127.1") == .allowed)
    }
}
