import Domain
import Ports

extension MemoryStore {
    func events(of tenant: TenantID, _ filter: EventFilter, _ query: EventQuery) throws(StoreError) -> EventListing {
        let matches = events.values.filter {
            $0.item.tenantID == tenant && (filter.status == nil || $0.status == filter.status)
                && (filter.destinationID == nil || $0.item.destinationID == filter.destinationID)
                && (filter.from.map { [item = $0.item] in item.acceptedAt >= $0 } ?? true)
                && (filter.to.map { [item = $0.item] in item.acceptedAt <= $0 } ?? true)
        }
        let isEstimated = matches.count > query.countMax
        if isEstimated, !["id", "acceptedAt"].contains(query.page.sort) { return .tooManyToSort }
        let rows = matches.filter { row in
            query.after.map { query.page.descending ? row.item.eventID < $0 : row.item.eventID > $0 } ?? true
        }
        var page = query.page
        page.limit += 1
        let shown = try sorted(rows, page) { row in
            [
                "id": "\(row.item.eventID)", "acceptedAt": "\(row.item.eventID)", "status": row.status.name,
                "destinationUrlId": "\(row.item.destinationID)",
                "currentRetryCount": padded(row.item.attemptsThisRound), "idempotencyKey": row.idempotencyKey ?? "",
                "nextAttemptAt": row.nextAttemptAt.map { "\($0)" } ?? "",
                "deliveredAt": row.deliveredAt.map { "\($0)" } ?? "",
            ]
        }.rows
        let listed = shown.prefix(query.page.limit)
        let bytes = listed.reduce(0) { $0 + $1.item.payload.count }
        if listed.count > 1, bytes > query.payloadBytesMax { return .tooManyBytes(bytes) }
        return .page(
            EventPage(
                total: matches.count, isTotalEstimated: isEstimated, rows: Array(listed),
                hasMore: shown.count > query.page.limit))
    }

    func owner(ofEvent id: EventID) throws(StoreError) -> TenantID? { events[id]?.item.tenantID }

    func event(_ id: EventID, of tenant: TenantID) throws(StoreError) -> EventRecord? {
        events[id].flatMap { $0.item.tenantID == tenant ? $0 : nil }
    }

    func attempts(of event: EventID, tenant: TenantID, limit: Int) throws(StoreError)
        -> (latest: [AttemptRecord], total: Int)
    {
        let all = events[event]?.item.tenantID == tenant ? attempts[event] ?? [] : []
        return (all.suffix(limit), all.count)
    }

    func replay(_ id: EventID, of tenant: TenantID) throws(StoreError) -> EventRecord? {
        guard var event = try event(id, of: tenant),
            event.status == .criticalFailure || event.status == .authenticationFailed, !event.isErased,
            destinations[event.item.destinationID] != nil
        else { return nil }
        event.status = .pending
        event.nextAttemptAt = clock.now
        event.item.attemptsThisRound = 0
        events[id] = event
        return event
    }

    func erase(_ id: EventID, of tenant: TenantID, cancelWaiting: Bool) throws(StoreError) -> Erasure {
        guard var event = try event(id, of: tenant) else { return .unknown }
        if !event.status.isFinal {
            guard cancelWaiting, event.status != .processing else { return .unfinished }
            event.status = .cancelled
            event.nextAttemptAt = nil
        }
        event.item.payload = []
        event.idempotencyKey = nil
        event.mappingError = nil
        events[id] = event
        for index in attempts[id, default: []].indices {
            attempts[id]?[index].responseBody = []
            attempts[id]?[index].requestHeaders = ""
        }
        return .done
    }

    func eraseEvents(
        idempotencyKey: String, of tenant: TenantID, cancelWaiting: Bool
    ) throws(StoreError) -> (erased: Int, unfinished: Int) {
        let found = events.filter { $0.value.item.tenantID == tenant && $0.value.idempotencyKey == idempotencyKey }
        var erased = 0
        for id in found.keys where try erase(id, of: tenant, cancelWaiting: cancelWaiting) == .done { erased += 1 }
        return (erased, found.count - erased)
    }

    private func waiting(of tenant: TenantID) -> [EventRecord] {
        events.values.filter {
            $0.item.tenantID == tenant && [.pending, .failed, .waitingRetry].contains($0.status)
        }
    }

    func destinationsWithWaitingEvents(of tenant: TenantID) throws(StoreError) -> [DestinationID] {
        Array(Set(waiting(of: tenant).map(\.item.destinationID)))
    }

    func cancelWaiting(destination: DestinationID, of tenant: TenantID, limit: Int, for purge: Purge?)
        throws(StoreError) -> Int
    {
        let waiting = waiting(of: tenant).filter { $0.item.destinationID == destination }.prefix(limit)
        for event in waiting { events[event.item.eventID]?.status = .cancelled }
        return waiting.count
    }
}
