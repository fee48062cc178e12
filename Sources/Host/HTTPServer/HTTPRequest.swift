import Domain

/// A request whose headers and body have arrived completely and within their limits. A value of its own: nothing
/// in it points into the server, so it may outlive the connection.
package struct HTTPRequest: Sendable {
    /// The client's `X-Request-Id` if that is fit, or made by the server; on the response and in the log.
    package var id: String
    /// Upper case.
    package var method: String
    /// Without the query, still percent-encoded.
    package var path: String
    /// The route's placeholders, percent-decoded.
    package var parameters: [String: String]
    /// Percent-decoded, in order.
    package var query: [(name: String, value: String)]
    /// Kept as bytes until somebody asks: most requests have eight headers and handlers read two.
    package var headerFields: HeaderFields
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
        headerFields = HeaderFields(headers)
        self.body = body
        self.remoteAddress = remoteAddress
    }

    /// All headers, in order. Builds the list anew each time; `header` is cheaper for one.
    package var headers: [(name: String, value: String)] {
        get { headerFields.all }
        set { headerFields = HeaderFields(newValue) }
    }

    /// The first header of this name, in any case.
    package func header(_ name: String) -> String? { headerFields.first(name) }

    /// The first query parameter of this name, in any case.
    package func queryValue(_ name: String) -> String? {
        query.first { $0.name.isExactlyIgnoringCase(name) }?.value
    }
}
