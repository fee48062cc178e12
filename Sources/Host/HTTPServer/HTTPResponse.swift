package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// A body that is written later, instead of `body`.
    package var stream: ResponseStream?

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Too busy, or about to stop.
    static let refused = HTTPResponse(status: 503, headers: [("Retry-After", "1")])
}
