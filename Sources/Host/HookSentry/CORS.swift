import Domain
import HTTPServer

/// Cross-origin rules of the contract (api.md 1.10): one origin for the management API, any for ingest.
struct CORS {
    /// Empty: none.
    let origin: String
    private static let shownHeaders = "Link, Location, Retry-After, X-Request-Id, X-Total-Estimated"

    private func allowed(_ request: HTTPRequest) -> String? {
        guard request.header("Origin") != nil else { return nil }
        if request.path.beginsExactly(with: "/api/v1/ingest/") { return "*" }
        return origin.isEmpty ? nil : origin
    }

    func mark(_ request: HTTPRequest, _ response: inout HTTPResponse) {
        guard let allowed = allowed(request) else { return }
        response.headers.append(("Access-Control-Allow-Origin", allowed))
        if allowed != "*" { response.headers.append(("Vary", "Origin")) }
        response.headers.append(("Access-Control-Expose-Headers", Self.shownHeaders))
    }

    /// Nil for an OPTIONS request that asks for nothing of this.
    func preflight(_ request: HTTPRequest, allow: String) -> HTTPResponse? {
        guard request.header("Origin") != nil, request.header("Access-Control-Request-Method") != nil else {
            return nil
        }
        var headers = [
            (name: "Access-Control-Allow-Methods", value: allow), (name: "Access-Control-Max-Age", value: "600"),
        ]
        if let wanted = request.header("Access-Control-Request-Headers") {
            headers.append(("Access-Control-Allow-Headers", wanted))
        }
        return HTTPResponse(status: 204, headers: headers)
    }
}
