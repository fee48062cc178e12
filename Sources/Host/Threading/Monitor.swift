import Glibc

/// A value behind a lock, with a condition to wait on: for the few places where a thread waits for another to change
/// something, and a mailbox would be more than is needed.
package final class Monitor<State>: @unchecked Sendable {
    // Guarded by `lock`.
    private var state: State
    private let lock = ConditionLock()

    package init(_ state: State) { self.state = state }

    package func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        lock.lock()
        defer { lock.unlock() }
        return body(&state)
    }

    /// Like `withLock`, and wakes all who wait.
    @discardableResult
    package func change<Result>(_ body: (inout State) -> Result) -> Result {
        lock.lock()
        defer {
            lock.broadcast()
            lock.unlock()
        }
        return body(&state)
    }

    /// Asks under the lock, again after each change, until there is an answer; nil if there is none by then.
    ///
    /// deadline: nanoseconds of CLOCK_MONOTONIC; nil: none.
    package func wait<Answer>(until deadline: Int64?, _ ask: (inout State) -> Answer?) -> Answer? {
        lock.lock()
        defer { lock.unlock() }
        while true {
            if let answer = ask(&state) { return answer }
            guard let deadline else {
                lock.wait()
                continue
            }
            let time = timespec(tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
            if !lock.wait(until: time) { return ask(&state) }
        }
    }
}
