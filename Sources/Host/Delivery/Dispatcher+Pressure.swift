import Domain
import Ports

// Who gives way when the broker's credit or the memory is used up.
extension Dispatcher {
    func relievePressure() {
        let now = clock.now()
        relieveCredit(at: now)
        relieveMemory(at: now)
    }

    /// Shards whose credit is mostly used: their slow destinations go to the store, and what is held for long gives its
    /// message back.
    private func relieveCredit(at now: Timestamp) {
        let pressed = credit.pressedShards
        guard !pressed.isEmpty else { return }
        for id in waitingQueues(where: { pressed.contains($0.shard) && $0.isSlow(at: now) }) { parkWaiting(of: id) }
        let overdue = credit.takeOverdue(at: .now)
        if !overdue.isEmpty { toSettle.append(.acknowledge(overdue)) }
    }

    /// As many destinations go to the store as it takes. The slow ones first; but pressure must end, or nothing that
    /// waits in the store would ever be read, so after a while those that hold most go as well.
    private func relieveMemory(at now: Timestamp) {
        guard memory.isPressed else {
            pressedSince = nil
            return
        }
        let since = pressedSince ?? .now
        pressedSince = since
        ease(waitingQueues { $0.isSlow(at: now) })
        if memory.isPressed, .now - since > Self.pressureMax { ease(waitingQueues { _ in true }) }
    }

    private func ease(_ ids: [DestinationID]) {
        for id in ids where !memory.isEased { parkWaiting(of: id) }
    }

    /// Of those with waiting events, the ones with most bytes first.
    private func waitingQueues(where mayGiveWay: (DestinationQueue) -> Bool) -> [DestinationID] {
        queues.compactMap { $1.waiting.isEmpty || !mayGiveWay($1) ? nil : (id: $0, bytes: $1.waitingBytes) }
            .sorted { $0.bytes > $1.bytes }.map(\.id)
    }

    private func parkWaiting(of id: DestinationID) {
        for event in queues[id]!.takeAll() { parkHeld(event, until: queues[id]!.parkedUntil) }
    }
}
