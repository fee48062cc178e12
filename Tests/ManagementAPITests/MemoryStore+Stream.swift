import Domain
import Ports

extension MemoryStore {
    // Notifications

    func notifications(of tenant: TenantID, read: Bool?, _ page: PageQuery) throws(StoreError)
        -> Page<NotificationRecord>
    {
        let rows = notifications.values.filter {
            $0.tenantID == tenant && (read == nil || ($0.readAt != nil) == read)
        }
        return try sorted(rows, page) { row in
            [
                "id": "\(row.id)", "createdAt": "\(row.createdAt)", "type": row.type,
                "readAt": row.readAt.map { "\($0)" } ?? "",
            ]
        }
    }

    func owner(ofNotification id: NotificationID) throws(StoreError) -> TenantID? { notifications[id]?.tenantID }

    func notification(_ id: NotificationID, of tenant: TenantID) throws(StoreError) -> NotificationRecord? {
        notifications[id].flatMap { $0.tenantID == tenant ? $0 : nil }
    }

    func markRead(_ id: NotificationID, of tenant: TenantID) throws(StoreError) -> NotificationRecord? {
        guard var row = try notification(id, of: tenant) else { return nil }
        row.readAt = row.readAt ?? clock.now
        notifications[id] = row
        return row
    }

    func markAllRead(of tenant: TenantID) throws(StoreError) -> Int {
        let unread = notifications.values.filter { $0.tenantID == tenant && $0.readAt == nil }
        for row in unread { notifications[row.id]?.readAt = clock.now }
        return unread.count
    }

    // Counts

    func eventCounts(of tenant: TenantID, destination: DestinationID?, _ period: EventCountPeriod) throws(StoreError)
        -> [(start: Timestamp, counts: EventCounts)]
    {
        let counts = count { event in
            event.item.tenantID == tenant && (destination == nil || event.item.destinationID == destination)
                && period.from <= event.item.acceptedAt && event.item.acceptedAt < period.to
        }
        return counts.accepted == 0 ? [] : [(period.from, counts)]
    }

    func eventCountsByDestination(of tenant: TenantID, _ period: EventCountPeriod) throws(StoreError)
        -> [(destination: DestinationID, counts: EventCounts)]
    {
        destinations.values.filter { $0.record.tenantID == tenant }.map { destination in
            (destination.record.id, count { $0.item.destinationID == destination.record.id })
        }
    }

    func oldestDue(of tenant: TenantID, destination: DestinationID?) throws(StoreError) -> Timestamp? { nil }
    func countedSince() throws(StoreError) -> Timestamp? { nil }

    private func count(_ isCounted: (EventRecord) -> Bool) -> EventCounts {
        var counts = EventCounts()
        for event in events.values where isCounted(event) {
            counts.accepted += 1
            counts.attempts += event.item.attemptsFinished
            switch event.status {
            case .succeeded:
                counts.succeeded += 1
                counts.latencies[10, default: 0] += 1
            case .criticalFailure: counts.critical += 1
            case .authenticationFailed: counts.unauthenticated += 1
            case .cancelled: counts.cancelled += 1
            case .waitingRetry: counts.retrying += 1
            case .pending, .processing, .failed: break
            }
        }
        return counts
    }

    // Streams: nothing is ever announced here; the real store's tests have that.

    func keepEntries(of tenants: [TenantID], memory: Duration) throws(StoreError) {}
    func streamHorizon() throws(StoreError) -> StreamHorizon { StreamHorizon(oldestRunning: 8, next: 8) }

    func entries(after cursors: [StreamCursor], limit: Int) throws(StoreError) -> [StreamPage] {
        cursors.map { _ in StreamPage(entries: [], isComplete: true) }
    }

    func createStreamTicket(hash: [UInt8], for listener: StreamListener, expiresAt: Timestamp) throws(StoreError) {
        streamTickets[hash] = (listener, expiresAt)
    }

    func useStreamTicket(hash: [UInt8]) throws(StoreError) -> StreamListener? {
        guard let ticket = streamTickets.removeValue(forKey: hash), ticket.expiresAt > clock.now else { return nil }
        return ticket.listener
    }

    func endedTokens(of listeners: [StreamListener]) throws(StoreError) -> Set<ID<Ports.AccessToken>> {
        Set(
            listeners.filter { listener in
                deniedTokens[listener.tokenID] != nil || users[listener.userID]?.status != .active
            }.map(\.tokenID))
    }

    func events(_ ids: [EventID], of tenant: TenantID) throws(StoreError) -> [EventRecord] {
        ids.compactMap { events[$0] }.filter { $0.item.tenantID == tenant }
    }

    func apiKey(_ id: APIKeyID, of tenant: TenantID) throws(StoreError) -> APIKeyRecord? {
        keys[id].flatMap { $0.record.tenantID == tenant ? $0.record : nil }
    }
}
