import Domain
import Ports

/// An event in the dispatcher's hands.
struct HeldEvent: Sendable {
    var item: WorkItem
    /// When it was last known to wait for exactly this attempt, by the database's clock.
    var verifiedAt: Timestamp
    /// It may have been attempted already; its row decides before anything is sent.
    var mustCheck: Bool

    var bytes: Int { item.payload.count }
}
