/// What an attempt came to. The names are stored, exported as metric labels and shown to tenants, so they
/// never change their meaning.
package enum OutcomeClass: String, CaseIterable, Sendable {
    case succeeded
    /// A status that is neither 2xx nor one of those below.
    case httpStatus = "http_status"
    /// 401, 403 or 404: the event ends as `AuthenticationFailed` (contract, behaviour.md 2.6).
    case authenticationRefused = "authentication_refused"
    /// 410: gone for good, a hint to the retry policy.
    case gone
    case timeout
    case connect
    case tls
    case dns
    /// The connection broke, or the answer was not HTTP.
    case `protocol`
    case addressBlocked = "address_blocked"
    /// A transformer or an authenticator failed.
    case plugin
    /// Something of ours failed (a secret that cannot be decrypted, say).
    case `internal`

    /// How an HTTP status is read.
    package init(httpStatus status: Int) {
        switch status {
        case 200...299: self = .succeeded
        case 401, 403, 404: self = .authenticationRefused
        case 410: self = .gone
        default: self = .httpStatus
        }
    }
}

/// A component's part in an attempt.
package struct PluginStep: Sendable, Equatable {
    /// `Mapping 1.0.0`.
    package var title: String
    /// Time in the component's calls, all together; what it waited for a fetch does not count. Nil: it did not run.
    package var duration: Duration?

    package init(_ title: String, duration: Duration? = nil) {
        self.title = title
        self.duration = duration
    }
}

/// One finished attempt: what is written down and never changed.
package struct AttemptRecord: Sendable, Equatable {
    /// From 1.
    package var number: Int
    package var startedAt: Timestamp
    package var duration: Duration
    package var outcome: OutcomeClass
    /// 0 when there was no HTTP answer.
    package var httpStatus: Int
    /// One sentence for people; nil on success.
    package var error: String?
    /// The first `Limits.responseBodyKept` bytes of the answer.
    package var responseBody: [UInt8]
    /// As sent, secrets redacted, one `name: value` a line.
    package var requestHeaders: String
    /// The destination's components in their order, `Mapping 1.0.0` before `BearerToken 1.0.0`.
    package var pluginChain: [PluginStep]

    package init(
        number: Int, startedAt: Timestamp, duration: Duration, outcome: OutcomeClass, httpStatus: Int = 0,
        error: String? = nil, responseBody: [UInt8] = [], requestHeaders: String = "", pluginChain: [PluginStep] = []
    ) {
        self.number = number
        self.startedAt = startedAt
        self.duration = duration
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.error = error
        self.responseBody = responseBody
        self.requestHeaders = requestHeaders
        self.pluginChain = pluginChain
    }
}
