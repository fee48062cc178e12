import Domain
import Ports

/// The messages this worker has not acknowledged, and how they press on each shard's prefetch.
///
/// A shard's prefetch is shared by all of its destinations. One that hangs must not keep it: under pressure a slow
/// destination is parked, and whatever is held for long gives its message back. That is safe before the settlement,
/// because the event's row stays due until it is settled: it is the row, not the message, that brings the event again
/// if this worker dies.
struct BrokerCredit {
    /// How long a held event may keep its message while others of its shard need the credit.
    static let keptAtMost = Duration.seconds(1)

    private struct Held {
        var receipt: Receipt
        var shard: Shard
        var since: ContinuousClock.Instant
    }

    private var held: [EventID: Held] = [:]
    /// Events held of each message, whose receipt is that of its first event.
    private var messages: [Receipt: Int] = [:]
    private var unacknowledged: [Shard: Int] = [:]
    /// Unacknowledged messages of one shard from which backlogs are parked.
    let pressure: Int

    /// prefetch: of the whole worker, shared by `shards`. The worker may own fewer and have more for each; half of the
    /// least it can be is the mark.
    init(prefetch: Int, shards: Int) { pressure = max(64, prefetch / max(1, shards)) / 2 }

    func isPressed(_ shard: Shard) -> Bool { unacknowledged[shard, default: 0] >= pressure }

    mutating func keep(_ receipt: Receipt, for event: EventID, shard: Shard, at now: ContinuousClock.Instant) {
        held[event] = Held(receipt: receipt, shard: shard, since: now)
        let events = messages[receipt.ofMessage, default: 0] + 1
        messages[receipt.ofMessage] = events
        if events == 1 { unacknowledged[shard, default: 0] += 1 }
    }

    /// The receipt, if the event still has one; it is the caller's to acknowledge or to drop.
    mutating func take(_ event: EventID) -> Receipt? {
        guard let found = held.removeValue(forKey: event) else { return nil }
        let events = messages[found.receipt.ofMessage, default: 1] - 1
        messages[found.receipt.ofMessage] = events == 0 ? nil : events
        if events == 0 { unacknowledged[found.shard, default: 1] -= 1 }
        return found.receipt
    }

    var pressedShards: Set<Shard> { Set(unacknowledged.filter { $0.value >= pressure }.keys) }

    /// The receipts of all that has been held for too long in shards under pressure.
    mutating func takeOverdue(at now: ContinuousClock.Instant) -> [Receipt] {
        let pressed = pressedShards
        guard !pressed.isEmpty else { return [] }
        let overdue = held.filter { pressed.contains($0.value.shard) && now - $0.value.since > Self.keptAtMost }
        return overdue.keys.compactMap { take($0) }
    }
}

extension Receipt {
    fileprivate var ofMessage: Receipt { Receipt(connection: connection, tag: tag) }
}
