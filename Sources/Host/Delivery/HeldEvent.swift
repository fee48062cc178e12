import Domain
import Ports

/// An event in the dispatcher's hands.
struct HeldEvent: Sendable {
    var item: WorkItem
    /// When it was last known to wait for exactly this attempt, by the database's clock.
    var verifiedAt: Timestamp
    /// It may have been attempted already; its row decides before anything is sent.
    var mustCheck: Bool

    /// What an event takes in memory beside its payload, roughly: its place in queues and tables, its attempt, its
    /// outcome until that is written.
    static let overheadBytes = 1_024

    var bytes: Int { item.payload.count }
    var footprint: Int { bytes + Self.overheadBytes }
}
