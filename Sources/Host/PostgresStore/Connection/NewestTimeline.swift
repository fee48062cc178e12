import Synchronization

/// The newest timeline of a database that any connection of this process has met.
///
/// Each promotion of a standby begins a timeline with a higher number, so a server on a lower one was the primary in
/// former times, whatever it says of itself: what it has is old, and what it is given is lost.
final class NewestTimeline: Sendable {
    private static let all = Mutex<[String: NewestTimeline]>([:])
    private let number = Atomic<Int>(0)

    /// The one that all connections with this URI share.
    static func of(url: String) -> NewestTimeline {
        all.withLock { all in
            if let known = all[url] { return known }
            let new = NewestTimeline()
            all[url] = new
            return new
        }
    }

    /// False for an older one than was met before; a newer one counts as met from now on.
    func admits(_ timeline: Int) -> Bool { number.max(timeline, ordering: .relaxed).newValue == timeline }
}
