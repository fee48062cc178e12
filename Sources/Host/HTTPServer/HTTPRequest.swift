/// A request whose headers and body have arrived completely and within their limits.
package struct HTTPRequest: Sendable {
    /// Made by the server for each request; on the response as `X-Request-Id` and in the log.
    package var id: String
    /// Upper case.
    package var method: String
    /// Without the query, still percent-encoded.
    package var path: String
    /// The route's placeholders, percent-decoded.
    package var parameters: [String: String]
    /// Percent-decoded, in order.
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// The peer's address without its port.
    package var remoteAddress: String

    package init(
        id: String = "", method: String, path: String, parameters: [String: String] = [:],
        query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        remoteAddress: String = ""
    ) {
        self.id = id
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// The first header of this name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.utf8.elementsEqual(name.utf8, by: equalIgnoringCase) }?.value
    }

    /// The first query parameter of this name, in any case.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.name.utf8.elementsEqual(name.utf8, by: equalIgnoringCase) }?.value
    }
}

private func equalIgnoringCase(_ one: UInt8, _ other: UInt8) -> Bool {
    one == other || (one | 0x20 == other | 0x20 && (97...122).contains(one | 0x20))
}

package struct HTTPResponse: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
