import Domain
import Ports

extension MemoryStore {
    func countReplayable(of tenant: TenantID, _ filter: ReplayFilter) throws(StoreError) -> Int {
        events.values.filter { event in
            event.item.tenantID == tenant && filter.statuses.contains(event.status)
                && (filter.destinationID == nil || filter.destinationID == event.item.destinationID)
                && filter.events?.contains(event.item.eventID) != false
                && (filter.from ?? event.item.acceptedAt) <= event.item.acceptedAt
                && event.item.acceptedAt <= filter.to
        }.count
    }

    func createReplayJob(_ job: ReplayJobRecord, unfinishedMax: Int) throws(StoreError) -> Bool {
        let unfinished = replays.values.filter { $0.tenantID == job.tenantID && !$0.status.isFinal }
        guard unfinished.count < unfinishedMax else { return false }
        replays[job.id] = job
        return true
    }

    func owner(ofReplayJob id: ReplayJobID) throws(StoreError) -> TenantID? { replays[id]?.tenantID }

    func replayJob(_ id: ReplayJobID, of tenant: TenantID) throws(StoreError) -> ReplayJobRecord? {
        replays[id].flatMap { $0.tenantID == tenant ? $0 : nil }
    }

    func replayJobs(
        of tenant: TenantID, status: ReplayStatus?, _ page: PageQuery
    ) throws(StoreError) -> Page<ReplayJobRecord> {
        let rows = replays.values.filter { $0.tenantID == tenant && (status == nil || $0.status == status) }
        return try sorted(rows, page) { job in
            ["id": "\(job.id)", "status": job.status.name, "createdAt": "\(job.createdAt)"]
        }
    }

    func setStatus(
        _ status: ReplayStatus, ofReplayJob id: ReplayJobID, of tenant: TenantID
    ) throws(StoreError) -> ReplayJobRecord? {
        guard let job = try replayJob(id, of: tenant), !job.status.isFinal else { return nil }
        replays[id]?.status = status
        replays[id]?.finishedAt = status.isFinal ? clock.now : nil
        return replays[id]
    }
}

extension MemoryStore {
    /// What ingest does with a test event.
    func accept(test payload: [UInt8], for target: IngestTarget) -> TestEventAnswer {
        let id = EventID(at: clock.now, random: (UInt64(events.count), 7))
        let item = WorkItem(
            eventID: id, tenantID: target.tenantID, destinationID: target.destinationID, acceptedAt: clock.now,
            contentType: "application/json", isTest: true, payload: payload)
        events[id] = EventRecord(
            item: item, destinationURL: "", senderID: nil, status: .pending, idempotencyKey: nil,
            nextAttemptAt: nil, deliveredAt: nil, mappingError: nil)
        return .accepted(id, acceptedAt: "\(clock.now)")
    }
}
