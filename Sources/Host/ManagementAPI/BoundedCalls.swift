import Synchronization
import Threading

/// Runs foreign code on threads of their own and waits only so long for each. A thread that does not come back is left
/// behind, and until it does nothing more is run under its name: a plugin that hangs costs what was running, once. A
/// name may hold a tenant's id, since there is an end to all names together.
package final class BoundedCalls: Sendable {
    package enum Outcome<Result: Sendable>: Sendable {
        case finished(Result)
        /// Not within the limit, or an earlier call, or too many of all calls, have not come back yet.
        case stuck
    }

    /// How many threads were left behind under each name.
    private let left = Mutex<[String: Int]>([:])
    private let leftMax: Int

    /// leftMax: threads left behind under all names; with as many nothing is run any more.
    package init(leftMax: Int = 32) { self.leftMax = leftMax }

    package func run<Result: Sendable>(
        _ name: String, within limit: Duration, _ body: @escaping @Sendable () -> Result
    ) -> Outcome<Result> {
        guard left.withLock({ $0[name] == nil && $0.values.reduce(0, +) < leftMax }) else { return .stuck }
        let call = BoundedCall<Result>()
        let thread = WorkerThread("plugin-trial") { [self] in
            call.answer.post(body())
            if call.end(.finished) == .abandoned { comeBack(name) }
        }
        if let result = call.answer.takeAll(until: .now + limit).first {
            thread.join()
            return .finished(result)
        }
        left.withLock { $0[name, default: 0] += 1 }
        // It may have finished between the limit and here.
        if call.end(.abandoned) == .finished { comeBack(name) }
        return .stuck
    }

    private func comeBack(_ name: String) {
        left.withLock { left in
            let others = (left[name] ?? 1) - 1
            left[name] = others == 0 ? nil : others
        }
    }
}

/// What the two threads of one call share.
private final class BoundedCall<Result: Sendable>: Sendable {
    enum End { case finished, abandoned }

    let answer = Mailbox<Result>()
    private let first = Mutex<End?>(nil)

    /// Says how the call ended for one side; the answer is what the other has said before, or nil.
    func end(_ end: End) -> End? {
        first.withLock { first in
            let before = first
            if first == nil { first = end }
            return before
        }
    }
}
