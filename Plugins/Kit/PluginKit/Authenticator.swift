import PluginAPI

/// Decides which credentials go on an outgoing request; kind `hks.authenticator/1`.
///
/// It sees the request with its final body and may only set headers. If it needs a request of its own first (for a
/// token, say), it answers `.fetch`; the host makes that request, hands the answer to `fetched`, and asks again.
public protocol Authenticator: Component {
    mutating func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials

    /// Takes the answer to a `.fetch`. Whatever `authenticate` needs afterwards has to be stored with the host, which
    /// keeps it longer than this instance.
    mutating func fetched(_ response: FetchResponse, _ call: Call) throws

    /// The destination refused the credentials with 401. True: the stale credential is dropped, ask again.
    mutating func rejected(status: Int, _ call: Call) -> Bool
}

extension Authenticator {
    public mutating func fetched(_ response: FetchResponse, _ call: Call) throws {
        throw PluginError.bug("The host handed over an answer that was not asked for.")
    }

    public mutating func rejected(status: Int, _ call: Call) -> Bool { false }
}

/// What `authenticate` decides.
public enum Credentials {
    /// These fields go on the request; fields of the host (Host, Content-Type, Webhook-* and so on) are refused.
    case headers([(name: String, value: Secret)])
    /// This request has to be made first. At most one for each attempt.
    case fetch(FetchRequest)

    public static func header(_ name: String, _ value: Secret) -> Credentials {
        .headers([(name, value)])
    }
}

/// The request as it stands, without the fields that the HTTP library adds. Good until the call returns.
public struct OutgoingRequest {
    let table: UnsafePointer<hks_request>

    public var method: String { String(table.pointee.method) }
    /// Absolute, with its query.
    public var url: String { String(table.pointee.url) }
    public var headers: [(name: String, value: String)] {
        copiedHeaders(table.pointee.headers, table.pointee.header_count)
    }
    public var body: [UInt8] { Array(table.pointee.body) }
}

/// A request for the host to make. It goes by the host's address rules and limits.
public struct FetchRequest {
    /// `GET` or `POST`.
    public var method: String
    /// Absolute; https unless the operator allows plain http.
    public var url: String
    public var headers: [(name: String, value: Secret)]
    public var body: Secret

    public init(method: String, url: String, headers: [(name: String, value: Secret)], body: Secret) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// What came back, with any status. Good until the call returns.
public struct FetchResponse {
    let table: UnsafePointer<hks_fetch_response>

    public var status: Int { Int(table.pointee.http_status) }
    public var headers: [(name: String, value: String)] {
        copiedHeaders(table.pointee.headers, table.pointee.header_count)
    }

    /// Lends the body, which has at most 64 KiB and often holds a secret.
    public func withBody<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(table.pointee.body.buffer.span)
    }
}

private func copiedHeaders(_ headers: UnsafePointer<hks_header>?, _ count: UInt32) -> [(name: String, value: String)] {
    UnsafeBufferPointer(start: headers, count: headers == nil ? 0 : Int(count))
        .map { (String($0.name), String($0.value)) }
}
