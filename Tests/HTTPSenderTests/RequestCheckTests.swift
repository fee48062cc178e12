import Domain
import Ports
import Synchronization
import Testing

@testable import HTTPSender

@Suite struct RequestCheckTests {
    @Test(arguments: [
        ("X-A", "b\r\nX-Injected: 1"), ("X-A", "b\nX-Injected: 1"), ("X-A", "b\u{0}c"), ("X-A", "b\u{7f}"),
        ("X-A: 1\r\nX-B", "c"), ("X A", "b"), ("", "b"), ("X-A:", "b"), ("Xé", "b"),
    ])
    func `a header that could start another line is refused`(name: String, value: String) {
        let request = makeRequest(
            "https://example.org/", headers: [HeaderField("X-Good", "1"), HeaderField(name, value)])
        guard case .failure(.internal, let sentence) = refusal(of: request, allowHTTP: false) else {
            Issue.record("accepted")
            return
        }
        #expect(!sentence.contains("\n") && !sentence.contains("\r"))
    }

    @Test(arguments: [
        "", "example.org", "ftp://example.org/", "file:///etc/passwd", "https:/example.org", "https://example.org/a b",
        "https://example.org/\r\nX: 1", "https://example.org/\u{0}", "gopher://x", "HTTPS",
    ])
    func `a URL that is not plainly HTTP is refused`(url: String) {
        guard case .failure(.internal, _) = refusal(of: makeRequest(url), allowHTTP: true) else {
            Issue.record("accepted \(url)")
            return
        }
    }

    @Test(arguments: ["", "PO ST", "POST\r\n", "POST/", String(repeating: "X", count: 33)])
    func `a method that is no token is refused`(method: String) {
        #expect(refusal(of: makeRequest("https://example.org/", method: method), allowHTTP: false) != nil)
    }

    @Test func `ordinary requests pass`() {
        let headers = [HeaderField("Authorization", "Bearer a.b-c_d"), HeaderField("X-Text", "tab\there, ümlaut")]
        #expect(refusal(of: makeRequest("HTTPS://Example.org:8443/x?y=ü", headers: headers), allowHTTP: false) == nil)
        #expect(refusal(of: makeRequest("http://example.org/"), allowHTTP: true) == nil)
    }

    @Test(arguments: [
        ("https://example.org/a", "example.org"), ("https://example.org", "example.org"),
        ("https://user:pa@ss@example.org:8443/a@b", "example.org:8443"), ("http://[::1]:80/x", "[::1]:80"),
        ("https://example.org?x=/", "example.org"), ("https://example.org#@y", "example.org"),
    ])
    func `sentences name host and port and never the password`(url: String, name: String) {
        #expect(authority(of: url) == name)
    }
}

/// What completions have given, from any thread.
final class ResultBox: Sendable {
    private let results = Mutex<[CourierResult]>([])
    var all: [CourierResult] { results.withLock { $0 } }
    func add(_ more: [CourierResult]) { results.withLock { $0 += more } }
}
