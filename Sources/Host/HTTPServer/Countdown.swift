import Synchronization
import Threading

/// Counts work that has begun and not ended, and lets one thread wait for zero.
final class Countdown: Sendable {
    private let count = Atomic<Int>(0)
    private let awaited = Atomic<Bool>(false)
    private let reachedZero = Mailbox<Void>()

    func begin() { count.wrappingAdd(1, ordering: .sequentiallyConsistent) }

    func end() {
        let left = count.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
        if left == 0, awaited.load(ordering: .sequentiallyConsistent) { reachedZero.post(()) }
    }

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    /// True once nothing is under way; false if that is not so by the deadline.
    func waitForZero(until deadline: ContinuousClock.Instant) -> Bool {
        awaited.store(true, ordering: .sequentiallyConsistent)
        while value > 0 {
            guard .now < deadline else { return false }
            _ = reachedZero.takeAll(until: deadline)
        }
        return true
    }
}
