import Synchronization

/// Memory that all connections share for one purpose: bodies of requests, most of which come before anybody has looked
/// at the client's key, or answers that clients are slow to take. A limit for each alone would leave it to strangers
/// how much memory they take together.
final class ByteBudget: Sendable {
    private let bytesMax: Int
    private let used = Atomic<Int>(0)

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// False, and nothing taken, if there is no room. evenAlone: whoever is alone gets what he asks for, so that no
    /// limit is too small for one.
    func take(_ count: Int, evenAlone: Bool = false) -> Bool {
        let sum = used.wrappingAdd(count, ordering: .relaxed).newValue
        guard sum <= bytesMax || evenAlone && sum == count else {
            give(count)
            return false
        }
        return true
    }

    /// Counts what is there whether or not there is room.
    func add(_ count: Int) { used.wrappingAdd(count, ordering: .relaxed) }

    func give(_ count: Int) { used.wrappingSubtract(count, ordering: .relaxed) }
}
