import Domain
import Ports

/// What goes into one commit, and how its results fall to the requests.
struct AcceptBatch {
    let pending: [PendingEvent]
    /// For the store: the same (tenant, key) at most once.
    private(set) var events: [NewEvent] = []
    /// For each pending request: its event's place in `events`. Repeats of a key share one.
    private var places: [Int] = []
    /// For each pending request: nil, or whether its payload differs from that of the one that came before it with
    /// its key.
    private var repeats: [Bool?] = []
    private let acceptedAt: Timestamp

    /// A key counts for one ingest token, that is for one sender or destination. As bytes, as PostgreSQL compares it:
    /// to Swift a composed and a decomposed "é" are the same text.
    private struct ScopedKey: Hashable {
        var source: ID<Never>
        var key: [UInt8]
    }

    init(_ pending: [PendingEvent], acceptedAt: Timestamp, shardCount: Int16, random: inout FastRandom) {
        self.pending = pending
        self.acceptedAt = acceptedAt
        events.reserveCapacity(pending.count)
        places.reserveCapacity(pending.count)
        var firsts: [ScopedKey: Int] = [:]
        for request in pending {
            let scoped = request.idempotencyKey.map { ScopedKey(source: request.target.source, key: Array($0.utf8)) }
            if let scoped, let first = firsts[scoped] {
                places.append(first)
                repeats.append(events[first].item.payload != request.payload)
                continue
            }
            if let scoped { firsts[scoped] = events.count }
            places.append(events.count)
            repeats.append(nil)
            let id = EventID(at: acceptedAt, random: (random.next(), random.next()))
            events.append(request.event(id: id, acceptedAt: acceptedAt, shardCount: shardCount))
        }
    }

    /// The events that are new, to be published.
    func fresh(_ results: [AcceptResult]) -> [(shard: Shard, item: WorkItem)] {
        zip(events, results).compactMap { event, result in
            result == .accepted ? (event.shard, event.item) : nil
        }
    }

    /// One answer for each pending request, in order.
    func answers(_ results: [AcceptResult]) -> [IngestAnswer] {
        // The text of a time takes longer to make than all else in an answer, and it is the same for the whole batch.
        let acceptedAt = self.acceptedAt.description
        return places.indices.map { index in
            let place = places[index]
            return switch (results[place], repeats[index]) {
            case (.accepted, let differs?):
                .duplicate(events[place].item.eventID, .pending, acceptedAt: acceptedAt, differs: differs)
            case (.accepted, nil): .accepted(events[place].item.eventID, acceptedAt: acceptedAt)
            case (.duplicate(let id, let status, let then, let differs), let fromFirst):
                .duplicate(
                    id, status, acceptedAt: then.description, differs: differs || fromFirst ?? false)
            }
        }
    }
}

extension IngestTarget {
    fileprivate var source: ID<Never> { senderID?.cast() ?? destinationID.cast() }
}

extension PendingEvent {
    fileprivate func event(id: EventID, acceptedAt: Timestamp, shardCount: Int16) -> NewEvent {
        NewEvent(
            item: WorkItem(
                eventID: id, tenantID: target.tenantID, destinationID: target.destinationID, acceptedAt: acceptedAt,
                contentType: contentType, traceparent: traceparent, isTest: isTest, payload: payload),
            senderID: target.senderID, shard: Shard(of: target.destinationID, count: shardCount),
            idempotencyKey: idempotencyKey, mappingError: mappingError)
    }
}
