import Domain
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
        ("10.1.2.3", [("X-Forwarded-For", "unknown, 2.2.2.2")], "2.2.2.2"),
        ("10.1.2.3", [("X-Forwarded-For", "2.2.2.2, unknown")], "10.1.2.3"),
        // Each proxy adds the address it saw; the client wrote what is in front of that.
        ("10.1.2.3", [("X-Forwarded-For", "6.6.6.6, 2.2.2.2, 10.9.9.9")], "2.2.2.2"),
        ("10.1.2.3", [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "2.2.2.2")], "2.2.2.2"),
        ("10.1.2.3", [("X-Forwarded-For", "10.7.7.7, 10.9.9.9")], "10.1.2.3"),
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
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"), ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("", ""), ("somewhere", "somewhere"),
    ])
    func `A limit counts an IPv6 network as one`(peer: String, key: String) {
        #expect(ClientAddress(trustedProxies: []).limitKey(request(peer)) == key)
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
