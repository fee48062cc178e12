/// Answers one request, once, from any thread; may outlive the handler's return. A responder that is dropped
/// without an answer answers 500.
package protocol Responder: Sendable {
    func respond(_ response: HTTPResponse)
}

/// How a route's handler runs.
package enum Handler: Sendable {
    /// On the server's own thread: must not block. It answers at once or hands the responder on.
    case inline(@Sendable (HTTPRequest, any Responder) -> Void)
    /// On a pool of threads that may block (on the database, say).
    case blocking(@Sendable (HTTPRequest) -> HTTPResponse)
}

/// One entry of the router.
package struct Route: Sendable {
    package var method: String
    /// `/api/v1/events/{id:uuid}/replay`: literal segments, `{name}` for any segment, `{name:uuid}` for one that is a
    /// UUID (anything else does not match the route).
    package var pattern: String
    /// Bytes; nil: the server's default.
    package var bodyLimit: Int?
    package var handler: Handler
    /// Answering changes nothing (RFC 9110, section 9.2.1), so that there may be a 503 in place of an answer for which
    /// there is no room. GET and HEAD unless said otherwise.
    package var isSafe: Bool

    package init(
        _ method: String, _ pattern: String, bodyLimit: Int? = nil, isSafe: Bool? = nil, _ handler: Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.bodyLimit = bodyLimit
        self.handler = handler
        self.isSafe = isSafe ?? ["GET", "HEAD"].contains(method)
    }
}
