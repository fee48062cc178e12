import Glibc
import Testing

@testable import Domain

@Suite struct IPAddressTests {
    @Test(arguments: [
        "0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "fe80::1:2:3:4",
        "1:2:3:4:5:6:7:8", "1:0:0:4:0:0:0:8", "::ffff:1.2.3.4", "::ffff:0:0:0", "64:ff9b::a00:1", "1:2:3:4:5:6:7:0",
        "0:1:2:3:4:5:6:7", "1::8", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ])
    func `addresses are read and written as the C library does`(text: String) throws {
        let address = try #require(IPAddress(text))
        var bytes = [UInt8](repeating: 0, count: 16)
        let isIPv6 = text.contains(":")
        #expect(inet_pton(isIPv6 ? AF_INET6 : AF_INET, text, &bytes) == 1)
        #expect(IPAddress(bytes: bytes.prefix(isIPv6 ? 16 : 4)) == address)
        #expect(IPAddress(address.description) == address)
        var buffer = [CChar](repeating: 0, count: 64)
        inet_ntop(isIPv6 ? AF_INET6 : AF_INET, bytes, &buffer, 64)
        #expect(address.description == String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.", ".1.2.3", "1.2.3.4 ", "+1.2.3.4", "0x1.2.3.4",
        ":", ":::", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7::8", "12345::", "g::",
        "::1%eth0",
        "[::1]", "::1.2.3", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", ":1::", "1:", "::1:",
        "+1::", "1::-0", "-0::", "::1.2.3.4:5",
    ])
    func `other texts are refused, as the C library does`(text: String) {
        #expect(IPAddress(text) == nil)
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(inet_pton(text.contains(":") ? AF_INET6 : AF_INET, text, &bytes) != 1)
    }

    @Test(arguments: [
        ("::ffff:10.1.2.3", "10.1.2.3"), ("::10.1.2.3", "10.1.2.3"), ("::1", "::1"), ("::", "::"), ("::ffff", "::ffff"),
        ("::1:0", "0.1.0.0"), ("2001:db8::ffff:10.1.2.3", "2001:db8::ffff:a01:203"), ("10.1.2.3", "10.1.2.3"),
    ])
    func `IPv4 in IPv6 is unwrapped`(text: String, unwrapped: String) throws {
        #expect(try #require(IPAddress(text)).unwrapped.description == unwrapped)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0/8"), ("127.0.0.1/8", "127.0.0.0/8"), ("1.2.3.4", "1.2.3.4/32"), ("::1", "::1/128"),
        ("0.0.0.0/0", "0.0.0.0/0"), ("::/0", "::/0"),
        ("fd12:3456:789a:bcde:f012::/65", "fd12:3456:789a:bcde:8000::/65"),
        ("fd12:3456:789a:bcde::1/64", "fd12:3456:789a:bcde::/64"), ("fdff::/7", "fc00::/7"),
    ])
    func `ranges are read with their spare bits cleared`(text: String, range: String) {
        #expect(AddressRange(text)?.description == range)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "x/8",
        "10.0.0.0/ 8",
    ])
    func `other texts are no ranges`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "8.8.8.8", true),
        ("0.0.0.0/0", "::1", false), ("::/0", "8.8.8.8", false), ("::/0", "::1", true), ("1.2.3.4", "1.2.3.4", true),
        ("1.2.3.4", "1.2.3.5", false), ("fe80::/10", "febf::1", true), ("fe80::/10", "fec0::1", false),
        ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
    ])
    func `a range contains what shares its leading bits`(range: String, address: String, contains: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(try #require(IPAddress(address))) == contains)
    }
}
