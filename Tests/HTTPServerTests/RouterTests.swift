import Testing

@testable import HTTPServer

private let id = "0190F5C2-7a11-7c3e-9d4f-0123456789ab"

@Suite struct RouterTests {
    static let patterns = [
        "GET /", "GET /health", "GET /events", "POST /events", "GET /events/{id:uuid}", "GET /events/latest",
        "POST /events/{id:uuid}/replay", "POST /ingest/{tenant:uuid}/{token}", "GET /files/{name}/raw",
        "GET /files/special/size", "DELETE /files/{name}",
    ]

    let router = Router(
        patterns.map { line in
            let parts = line.split(separator: " ")
            return Route(String(parts[0]), String(parts[1]), .blocking { _ in HTTPResponse(status: 200) })
        })

    private func match(_ method: String, _ path: String) -> String {
        guard let segments = Array(path.utf8).withUnsafeBufferPointer({ PathSegments($0) }) else { return "bad" }
        switch router.match(method, segments) {
        case .route(let index, let parameters):
            return ([Self.patterns[index]] + parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" })
                .joined(separator: " ")
        case .methodNotAllowed(let allow): return "allow \(allow)"
        case .notFound: return "none"
        case .badPath: return "bad"
        }
    }

    @Test(arguments: [
        ("GET", "/", "GET /"),
        ("GET", "/health", "GET /health"),
        ("GET", "/health/", "none"),
        ("GET", "//health", "none"),
        ("HEAD", "/health", "GET /health"),
        ("POST", "/health", "allow GET, HEAD"),
        ("PUT", "/events", "allow GET, HEAD, POST"),
        ("GET", "/events/\(id)", "GET /events/{id:uuid} id=\(id)"),
        ("GET", "/events/latest", "GET /events/latest"),
        ("GET", "/events/\(id)0", "none"),
        ("GET", "/events/0190F5C2-7a11-7c3e-9d4f-0123456789ax", "none"),
        ("POST", "/events/\(id)/replay", "POST /events/{id:uuid}/replay id=\(id)"),
        ("POST", "/ingest/\(id)/dst_1", "POST /ingest/{tenant:uuid}/{token} tenant=\(id) token=dst_1"),
        ("POST", "/ingest/\(id)/a%2Fb%20c", "POST /ingest/{tenant:uuid}/{token} tenant=\(id) token=a/b c"),
        ("POST", "/ingest/\(id)/", "none"),
        ("GET", "/files/special/raw", "GET /files/{name}/raw name=special"),
        ("GET", "/files/special/size", "GET /files/special/size"),
        ("DELETE", "/files/%7e", "DELETE /files/{name} name=~"),
        ("GET", "/he%61lth", "GET /health"),
        ("DELETE", "/files/%", "bad"), ("DELETE", "/files/%4", "bad"), ("DELETE", "/files/%zz", "bad"),
        ("DELETE", "/files/%ff", "bad"), ("DELETE", "/files/a%00b", "bad"),
        ("GET", "events", "bad"), ("GET", "", "bad"),
        ("GET", "/nothing", "none"),
    ])
    func pathsFindTheirRoutes(method: String, path: String, expected: String) {
        #expect(match(method, path) == expected)
    }
}
