import Domain
import HTTPServer
import Ports

extension ManagementAPI {
    /// Counts this request against a limit by address and refuses it beyond the limit. Counted before anything is
    /// decided, so that requests that arrive together cannot all slip through.
    func countRequest(
        _ action: String, _ request: HTTPRequest, limit: Int, window: Duration, in store: any ManagementStore
    ) throws {
        let (count, endsAt) = try store.countAttempt(action, key: limitKey(request), window: window)
        if count > limit { throw Refusal.tooMany(retryAfter: endsAt - settings.clock()) }
    }

    /// Counts a login as failed for its address and its e-mail; a success takes it back (`clearLogin`).
    ///
    /// An e-mail that nobody has is counted like any other: the limit must not tell which ones exist. An address that
    /// is refused counts against no e-mail any more: it could lock out everybody.
    func countLogin(_ request: HTTPRequest, email: String, in store: any ManagementStore) throws {
        for (action, key) in loginCounters(request, email) {
            let (count, endsAt) = try store.countAttempt(action, key: key, window: limits.loginWindow)
            guard count <= limits.loginFailures else {
                throw Refusal.tooMany(
                    "too many failed logins; please try again later", retryAfter: endsAt - settings.clock())
            }
        }
    }

    func clearLogin(_ request: HTTPRequest, email: String, in store: any ManagementStore) throws {
        for (action, key) in loginCounters(request, email) { try store.clearAttempts(action, key: key) }
    }

    /// The address first.
    private func loginCounters(_ request: HTTPRequest, _ email: String) -> [(action: String, key: String)] {
        [("login-address", limitKey(request)), ("login-email", email)]
    }

    private func limitKey(_ request: HTTPRequest) -> String {
        ClientAddress(trustedProxies: settings.trustedProxies).limitKey(request)
    }
}
