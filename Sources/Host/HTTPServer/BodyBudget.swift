import Synchronization

/// Memory for all bodies that are arriving. Most come before anybody has looked at the client's key, so that a limit
/// for each alone would leave it to strangers how much memory they take together.
final class BodyBudget: Sendable {
    private let bytesMax: Int
    private let used = Atomic<Int>(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// False, and nothing taken, if there is no room.
    func take(_ count: Int) -> Bool {
        guard used.wrappingAdd(count, ordering: .relaxed).newValue <= bytesMax else {
            give(count)
            return false
        }
        return true
    }

    func give(_ count: Int) { used.wrappingSubtract(count, ordering: .relaxed) }
}
