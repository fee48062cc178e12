import Domain
import HTTPServer

/// What browsers are told about every answer: not to guess its type (the server says that itself), not to show it in a
/// frame, not to tell others where a link was followed, and to load and run nothing of it.
///
/// Answers of ingest go without: programs read them, and every event would pay for them.
enum SecurityHeaders {
    /// A page that has to load something says so itself; this is for what is no page at all.
    private static let contentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'"

    static func mark(_ request: HTTPRequest, _ response: inout HTTPResponse) {
        if request.path.beginsExactly(with: "/api/v1/ingest/") { return }
        response.headers.append(("X-Frame-Options", "DENY"))
        response.headers.append(("Referrer-Policy", "no-referrer"))
        if !response.headers.contains(where: { $0.name.isExactlyIgnoringCase("Content-Security-Policy") }) {
            response.headers.append(("Content-Security-Policy", contentSecurityPolicy))
        }
    }
}
