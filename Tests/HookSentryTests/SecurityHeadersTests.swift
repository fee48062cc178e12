import HTTPServer
import Testing

@testable import HookSentry

@Suite struct SecurityHeadersTests {
    private func headers(
        of path: String, _ own: [(name: String, value: String)] = []
    ) -> [String: [String]] {
        var response = HTTPResponse(status: 404, headers: own)
        SecurityHeaders.mark(HTTPRequest(method: "GET", path: path), &response)
        return Dictionary(grouping: response.headers, by: \.name).mapValues { $0.map(\.value) }
    }

    @Test func everyAnswerHasThem() {
        for path in ["/api/v1/users", "/nowhere", "/docs"] {
            let headers = headers(of: path)
            #expect(headers["X-Frame-Options"] == ["DENY"])
            #expect(headers["Referrer-Policy"] == ["no-referrer"])
            #expect(headers["Content-Security-Policy"] == ["default-src 'none'; frame-ancestors 'none'"])
        }
    }

    @Test func aPagesOwnPolicyStays() {
        let headers = headers(of: "/docs", [("content-security-policy", "default-src 'self'")])
        #expect(headers["Content-Security-Policy"] == nil)
        #expect(headers["content-security-policy"] == ["default-src 'self'"])
    }

    @Test func aPathOfCombiningMarksIsNoneOfIngest() {
        let marks =
            String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)
        #expect(headers(of: "/" + marks)["X-Frame-Options"] == ["DENY"])
    }

    @Test func ingestIsSparedThem() {
        #expect(headers(of: "/api/v1/ingest/5b0f3d7e-91c4-4d0a-8a55-0c7f2b9e6d10/dst_0").isEmpty)
    }
}
