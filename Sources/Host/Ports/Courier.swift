import Domain

package struct HeaderField: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// One HTTP request to make.
package struct CourierRequest: Sendable {
    /// Chosen by the caller; comes back with the result.
    package var token: UInt64
    package var method: String
    package var url: String
    package var headers: [HeaderField]
    package var body: [UInt8]
    package var connectTimeout: Duration
    package var totalTimeout: Duration
    /// Bytes of the answer's body to keep; the rest is read up to the courier's hard limit and dropped.
    package var responseBodyKept: Int
    /// Whether anybody will read the answer's headers; `Retry-After` always comes.
    package var keepsResponseHeaders: Bool

    package init(
        token: UInt64, method: String = "POST", url: String, headers: [HeaderField], body: [UInt8],
        connectTimeout: Duration, totalTimeout: Duration, responseBodyKept: Int, keepsResponseHeaders: Bool = true
    ) {
        self.token = token
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.responseBodyKept = responseBodyKept
        self.keepsResponseHeaders = keepsResponseHeaders
    }
}

package struct CourierResult: Sendable {
    package enum Answer: Sendable, Equatable {
        /// headers: none if the request asked for none. retryAfter: the header's raw value, if there was one.
        /// truncated: the body was longer than the hard limit and the connection was cut there; the status counts all
        /// the same.
        case response(status: Int, headers: [HeaderField], body: [UInt8], retryAfter: String?, truncated: Bool)
        /// No complete answer. `outcome` is one of timeout, connect, tls, dns, protocol, addressBlocked, internal.
        case failure(OutcomeClass, String)
    }

    package var token: UInt64
    package var answer: Answer
    package var duration: Duration

    package init(token: UInt64, answer: Answer, duration: Duration) {
        self.token = token
        self.answer = answer
        self.duration = duration
    }
}

/// Performs requests, many at a time, without following redirects and only to allowed addresses. Sendable,
/// never blocks.
package protocol Courier: Sendable {
    /// `completed` is called once for each request, in batches as they finish, on the courier's own thread; it must
    /// not block.
    func send(_ requests: [CourierRequest], completed: @escaping @Sendable ([CourierResult]) -> Void)

    /// Requests that have been handed over and not been begun.
    var backlog: Int { get }
}
