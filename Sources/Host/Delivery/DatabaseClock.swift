import Domain
import Glibc
import Synchronization

/// The time by PostgreSQL's clock. Ages and due times are judged by it, so that nodes with different clocks agree.
///
/// Between two answers of the database it runs on the kernel's clock that nobody can set: a step of this machine's wall
/// clock, in either direction, must not send a retry into tomorrow.
package final class DatabaseClock: Sendable {
    private let offsetMicroseconds: Atomic<Int64>

    /// Until the database has answered, the machine's own time.
    package init() { offsetMicroseconds = Atomic(Self.read(CLOCK_REALTIME) - Self.elapsed()) }

    /// `now`: what the database said; `asked`: how long the question took, half of which it is old.
    package func adjust(toDatabase now: Timestamp, roundTrip: Duration) {
        let estimate = now.microseconds + roundTrip.inMicroseconds / 2
        offsetMicroseconds.store(estimate - Self.elapsed(), ordering: .relaxed)
    }

    package func now() -> Timestamp {
        Timestamp(microseconds: Self.elapsed() + offsetMicroseconds.load(ordering: .relaxed))
    }

    /// Since the machine started, its sleep included.
    private static func elapsed() -> Int64 { read(CLOCK_BOOTTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
