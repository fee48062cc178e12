import CCurl
import Domain
import Ports
import Synchronization
import Threading

/// The courier that sends by libcurl: many requests at a time on one thread, connections kept for the next request to
/// the same host, HTTP/2 where a TLS server offers it. Redirects, proxies and cookies do not exist for it.
///
/// `send` from any thread. `start` once, `stop` at the end; a courier that was started and is dropped without `stop`
/// leaves its thread waiting.
package final class CurlCourier: Courier {
    private let inbox = CourierInbox()
    private let rules: CourierRules
    private let thread = Mutex<WorkerThread?>(nil)

    /// allowHTTP: whether `http://` URLs may be called; they are refused as a blocked address otherwise.
    /// authorityFile: certificate authorities in PEM to trust instead of the system's.
    package init(policy: AddressPolicy, limits: Limits, allowHTTP: Bool, authorityFile: String? = nil) {
        rules = CourierRules(
            policy: policy, responseBodyBytes: limits.responseBodyBytes, allowHTTP: allowHTTP,
            authorityFile: authorityFile)
        _ = Self.library
    }

    // Once for the process, by whichever thread comes first.
    private static let library = curl_global_init(Int(CURL_GLOBAL_ALL))

    package func start() {
        thread.withLock { thread in
            precondition(thread == nil, "the courier is started once")
            thread = WorkerThread("courier") { [inbox, rules] in
                TransferLoop(inbox: inbox, rules: rules).run()
            }
        }
    }

    /// Ends what is in flight: those requests complete with a failure, though they may have been received. Drain
    /// first. Returns when every `completed` has been called and the thread is gone; not to be called from one.
    package func stop() {
        inbox.close()
        thread.withLock { $0 }?.join()
        for submission in inbox.takeAll() { submission.refuse() }
    }

    package var backlog: Int { inbox.count }

    /// After `stop`, `completed` is called at once on the calling thread, with failures.
    package func send(_ requests: [CourierRequest], completed: @escaping @Sendable ([CourierResult]) -> Void) {
        guard !requests.isEmpty else { return }
        let submission = Submission(requests: requests, completed: completed)
        if !inbox.post(submission) { submission.refuse() }
    }
}

/// What holds for every request of a courier.
struct CourierRules: Sendable {
    var policy: AddressPolicy
    /// Bytes of an answer's body to read before the connection is cut.
    var responseBodyBytes: Int
    var allowHTTP: Bool
    /// Certificate authorities in PEM; nil: the system's.
    var authorityFile: String?
}
