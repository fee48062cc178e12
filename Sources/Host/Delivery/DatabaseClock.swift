import Domain
import Glibc
import Synchronization

/// The time by PostgreSQL's clock. Ages and due times are judged by it, so that nodes with different clocks agree.
package final class DatabaseClock: Sendable {
    private let offsetMicroseconds = Atomic<Int64>(0)

    package init() {}

    /// `now`: what the database said; `asked`: how long the question took, half of which it is old.
    package func adjust(toDatabase now: Timestamp, roundTrip: Duration) {
        let estimate = now.microseconds + roundTrip.inMicroseconds / 2
        offsetMicroseconds.store(estimate - Self.local(), ordering: .relaxed)
    }

    package func now() -> Timestamp {
        Timestamp(microseconds: Self.local() + offsetMicroseconds.load(ordering: .relaxed))
    }

    private static func local() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
