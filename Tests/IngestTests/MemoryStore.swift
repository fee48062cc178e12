import Domain
import Ports
import Synchronization
import Threading

/// The state behind the in-memory stores, to be watched and steered by a test.
final class StoreControl: Sendable {
    struct State {
        var isAway = false
        /// Payload texts that `accept` refuses the whole batch for.
        var refused: Set<String> = []
        var batches: [[NewEvent]] = []
        /// Of the latest batch.
        var dueAfter: Duration?
        var byKey: [[UInt8]: (id: EventID, at: Timestamp, payload: [UInt8])] = [:]
        /// What a repeat of a key hears about the first event.
        var statusOfEarlier = EventStatus.pending
        var tenants: [[UInt8]: TenantID] = [:]
        var targets: [[UInt8]: IngestTarget] = [:]
        var lookUps = 0
    }

    let state = Mutex(State())
    /// While closed for a test, `accept` waits here after it has announced itself.
    let entered = Mailbox<Int>()
    let gate = Mailbox<Void>()
    let isGated = Atomic<Bool>(false)

    var accepted: [NewEvent] { state.withLock { $0.batches.flatMap { $0 } } }
    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    /// Lets one waiting `accept` through and the later ones pass.
    func open() {
        isGated.store(false, ordering: .sequentiallyConsistent)
        gate.post(())
    }
}

struct MemoryAcceptStore: AcceptStore {
    let control: StoreControl

    func accept(_ batch: [NewEvent], dueAfter: Duration) throws(StoreError) -> [AcceptResult] {
        control.entered.post(batch.count)
        if control.isGated.load(ordering: .sequentiallyConsistent) {
            _ = control.gate.takeAll(until: .now + .seconds(10))
        }
        let results: Result<[AcceptResult], StoreError> = control.state.withLock { state in
            if state.isAway { return .failure(.unavailable("it is away for a test")) }
            if batch.contains(where: { state.refused.contains(String(decoding: $0.item.payload, as: UTF8.self)) }) {
                return .failure(.rejected(sqlState: "23503", "no such destination"))
            }
            var kept: [NewEvent] = []
            let results = batch.map { event -> AcceptResult in
                let source = event.senderID.map { "\($0)" } ?? "\(event.item.destinationID)"
                // As bytes, as PostgreSQL compares them.
                let key = event.idempotencyKey.map { Array("\(source) \($0)".utf8) }
                if let key, let earlier = state.byKey[key] {
                    return .duplicate(
                        earlier.id, state.statusOfEarlier, acceptedAt: earlier.at,
                        differs: earlier.payload != event.item.payload)
                }
                if let key {
                    state.byKey[key] = (event.item.eventID, event.item.acceptedAt, event.item.payload)
                }
                kept.append(event)
                return .accepted
            }
            state.batches.append(kept)
            state.dueAfter = dueAfter
            return .success(results)
        }
        return try results.get()
    }
}

struct MemoryDirectoryStore: DirectoryStore {
    let control: StoreControl

    func destinations(_ ids: [DestinationID]) throws(StoreError) -> [DestinationSettings] { [] }

    func tenant(ofAPIKeyHash sha256: [UInt8]) throws(StoreError) -> TenantID? {
        try lookUp { $0.tenants[sha256] }
    }

    func target(ofTokenHash sha256: [UInt8]) throws(StoreError) -> IngestTarget? {
        try lookUp { $0.targets[sha256] }
    }

    private func lookUp<Value: Sendable>(_ read: (StoreControl.State) -> Value?) throws(StoreError) -> Value? {
        let result: Result<Value?, StoreError> = control.state.withLock { state in
            state.lookUps += 1
            return state.isAway ? .failure(.unavailable("it is away for a test")) : .success(read(state))
        }
        return try result.get()
    }
}

/// Keeps what was published.
final class MemoryPublisher: MessagePublisher {
    let items = Mutex<[(shard: Shard, item: WorkItem)]>([])
    let connected = Atomic<Bool>(true)
    var isConnected: Bool { connected.load(ordering: .sequentiallyConsistent) }
    func publish(_ items: [(shard: Shard, item: WorkItem)]) { self.items.withLock { $0 += items } }
}
