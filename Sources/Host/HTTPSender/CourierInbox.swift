import Ports
import Synchronization
import Threading

/// One call of `send`.
struct Submission: Sendable {
    static let stopped = CourierResult.Answer.failure(.internal, "The request was not sent: the courier has stopped.")

    var requests: [CourierRequest]
    var completed: @Sendable ([CourierResult]) -> Void

    func refuse() {
        completed(requests.map { CourierResult(token: $0.token, answer: Self.stopped, duration: .zero) })
    }
}

/// Where senders leave requests for the courier's thread: one lock and at most one system call a batch.
final class CourierInbox: Sendable {
    let waker = Waker()
    private let state = Mutex(State())

    private struct State {
        var submissions: [Submission] = []
        var requests = 0
        var closed = false
    }

    /// False once the inbox is closed.
    func post(_ submission: Submission) -> Bool {
        let accepted = state.withLock { state in
            if !state.closed {
                state.submissions.append(submission)
                state.requests += submission.requests.count
            }
            return !state.closed
        }
        if accepted { waker.wake() }
        return accepted
    }

    func close() {
        state.withLock { $0.closed = true }
        waker.wake()
    }

    /// Requests that nobody has taken yet.
    var count: Int { state.withLock { $0.requests } }

    var isClosed: Bool { state.withLock { $0.closed } }

    func takeAll() -> [Submission] {
        state.withLock { state in
            var taken: [Submission] = []
            swap(&taken, &state.submissions)
            state.requests = 0
            return taken
        }
    }
}
