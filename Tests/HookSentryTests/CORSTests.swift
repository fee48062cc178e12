import HTTPServer
import Testing

@testable import HookSentry

@Suite struct CORSTests {
    private let rules = CORS(origin: "https://app.example.org")

    private func request(_ path: String, _ headers: [(name: String, value: String)]) -> HTTPRequest {
        HTTPRequest(method: "OPTIONS", path: path, headers: headers)
    }

    private func allowedOrigin(_ path: String, _ headers: [(name: String, value: String)]) -> String? {
        var response = HTTPResponse(status: 200)
        rules.mark(request(path, headers), &response)
        return response.headers.first { $0.name == "Access-Control-Allow-Origin" }?.value
    }

    @Test func `ingest is open to every origin, the rest to one, and only browsers hear of it`() {
        let origin = [(name: "Origin", value: "https://evil.example")]
        #expect(allowedOrigin("/api/v1/ingest/t/dst_1", origin) == "*")
        #expect(allowedOrigin("/api/v1/events", origin) == "https://app.example.org")
        #expect(allowedOrigin("/api/v1/events", []) == nil)
        let marks =
            String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)
        #expect(allowedOrigin("/" + marks, origin) == "https://app.example.org")
    }

    @Test func `without an origin only ingest is open`() {
        var response = HTTPResponse(status: 200)
        CORS(origin: "").mark(request("/api/v1/events", [("Origin", "https://a.example")]), &response)
        #expect(response.headers.isEmpty)
    }

    @Test func `a preflight is answered with what the path allows`() throws {
        let asked = request(
            "/api/v1/events",
            [
                ("Origin", "https://app.example.org"), ("Access-Control-Request-Method", "GET"),
                ("Access-Control-Request-Headers", "authorization"),
            ])
        let answer = try #require(rules.preflight(asked, allow: "GET"))
        #expect(answer.status == 204)
        #expect(answer.headers.contains { $0.name == "Access-Control-Allow-Methods" && $0.value == "GET" })
        #expect(answer.headers.contains { $0.name == "Access-Control-Allow-Headers" && $0.value == "authorization" })
        #expect(rules.preflight(request("/api/v1/events", [("Origin", "x")]), allow: "GET") == nil)
    }
}
