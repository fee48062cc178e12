import HTTPServer
import Testing

@testable import ManagementAPI

@Suite struct ClientAddressTests {
    private func request(
        _ peer: String, _ headers: [(name: String, value: String)] = []
    ) -> HTTPRequest {
        HTTPRequest(method: "GET", path: "/", headers: headers, remoteAddress: peer)
    }

    private let behindProxies = ClientAddress(
        trustedProxies: ["10.0.0.0/8", "2001:db8::1"].map { AddressRange($0)! })

    @Test(arguments: [
        // From anyone else the headers are what he likes them to be.
        ("203.0.113.7", [("CF-Connecting-IP", "1.1.1.1"), ("X-Forwarded-For", "2.2.2.2")], "203.0.113.7"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", [("X-Forwarded-For", "2.2.2.2, 10.9.9.9")], "2.2.2.2"),
        ("10.1.2.3", [("x-forwarded-for", "2.2.2.2"), ("cf-connecting-ip", " 1.1.1.1 ")], "1.1.1.1"),
        ("10.1.2.3", [("CF-Connecting-IP", "nonsense"), ("X-Forwarded-For", "2001:db8::9")], "2001:db8::9"),
        ("10.1.2.3", [("X-Forwarded-For", "unknown, 2.2.2.2")], "10.1.2.3"),
        ("2001:db8::1", [("X-Forwarded-For", "2.2.2.2")], "2.2.2.2"),
        ("2001:db8::2", [("X-Forwarded-For", "2.2.2.2")], "2001:db8::2"),
        ("::ffff:10.0.0.1", [("X-Forwarded-For", "2.2.2.2")], "2.2.2.2"),
    ] as [(String, [(name: String, value: String)], String)])
    func `Forwarding headers count from trusted peers alone`(
        peer: String, headers: [(name: String, value: String)], expected: String
    ) {
        #expect(behindProxies.of(request(peer, headers)) == expected)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2::1", "20.1.d.b8.0.1.0.2/64"), ("2001:db8:1:2:ffff::9", "20.1.d.b8.0.1.0.2/64"),
        ("", ""), ("somewhere", "somewhere"),
    ])
    func `A limit counts an IPv6 network as one`(peer: String, key: String) {
        #expect(ClientAddress(trustedProxies: []).limitKey(request(peer)) == key)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("127.0.0.1", "127.0.0.1", true),
        ("127.0.0.1", "127.0.0.2", false), ("0.0.0.0/0", "9.9.9.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("172.16.0.0/12", "172.31.255.255", true), ("172.16.0.0/12", "172.32.0.0", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("::/0", "1.2.3.4", true), ("10.0.0.0/8", "nonsense", false),
    ])
    func `A range holds the addresses that share its bits`(range: String, address: String, expected: Bool) {
        #expect(AddressRange(range)?.contains(address) == expected)
    }

    @Test(arguments: ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "host", "10.0.0/8", "::/129", "10.0.0.0/8/8"])
    func `What is no range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func `A limit by address follows the client behind the proxy`() {
        let harness = Harness { $0.trustedProxies = [AddressRange("10.0.0.0/8")!] }
        func create(_ number: Int, for client: String) -> Int {
            harness.send(
                "POST", "/api/v1/tenants",
                ["name": .string("T\(number)"), "ownerEmail": .string("\(number)@x"), "ownerPassword": "p"],
                headers: [("X-Forwarded-For", client)], from: "10.0.0.1"
            ).status
        }
        for number in 1...5 { #expect(create(number, for: "198.51.100.1") == 201) }
        #expect(create(6, for: "198.51.100.1") == 429)
        #expect(create(7, for: "198.51.100.2") == 201)
    }
}
