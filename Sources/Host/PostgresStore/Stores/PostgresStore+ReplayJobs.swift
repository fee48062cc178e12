import Domain
import Ports

extension PostgresStore: ReplayJobStore {
    package func countReplayable(of tenant: TenantID, _ filter: ReplayFilter) throws(StoreError) -> Int {
        let counted = try connection.query(filter.events == nil ? Self.countFitting : Self.countNamed) { parameters in
            parameters.add(tenant)
            parameters.array(filter.statuses) { $0.rawValue }
            parameters.add(filter.destinationID)
            parameters.add(filter.start)
            parameters.add(filter.to)
            parameters.add(filter.idBefore)
            parameters.add(filter.idAfter)
            if let events = filter.events {
                parameters.array(events)
            } else {
                parameters.add(Int64(ReplayJobRecord.matchedMax))
            }
        }
        return try counted.first { row throws(StoreError) in try row.integer() } ?? 0
    }

    package func createReplayJob(_ job: ReplayJobRecord, unfinishedMax: Int) throws(StoreError) -> Bool {
        try connection.query(Self.insertJob) { parameters in
            parameters.add(job.id)
            parameters.add(job.tenantID)
            parameters.add(job.createdBy)
            parameters.add(job.status.rawValue)
            parameters.array(job.filter.statuses) { $0.rawValue }
            parameters.add(job.filter.destinationID)
            parameters.add(job.filter.from)
            parameters.add(job.filter.to)
            if let events = job.filter.events {
                parameters.array(events)
            } else {
                parameters.nullArray(of: EventID.self)
            }
            parameters.add(Int32(clamping: job.rate))
            parameters.add(Int64(job.matched))
            parameters.add(job.filter.idBefore)
            parameters.add(job.createdAt)
            parameters.add(Int64(unfinishedMax))
        }.affected > 0
    }

    package func owner(ofReplayJob id: ReplayJobID) throws(StoreError) -> TenantID? {
        try connection.query(Self.jobOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func replayJob(_ id: ReplayJobID, of tenant: TenantID) throws(StoreError) -> ReplayJobRecord? {
        try connection.query(Self.job) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(ReplayJobRecord.init)
    }

    package func replayJobs(of tenant: TenantID, status: ReplayStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<ReplayJobRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "tenant_id = $#", tenant), .init("status", "status = $#", status?.rawValue),
        ]
        return try Self.jobList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: ReplayJobRecord.init)
    }

    package func setStatus(_ status: ReplayStatus, ofReplayJob id: ReplayJobID, of tenant: TenantID)
        throws(StoreError) -> ReplayJobRecord?
    {
        try connection.query(Self.setJobStatus) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(status.rawValue)
            parameters.add(status.isFinal)
        }.first(ReplayJobRecord.init)
    }
}

// Ids are in the order of acceptance, to the millisecond: a span of ids is what the index and the partitions know of a
// span of time.
extension ReplayFilter {
    var start: Timestamp { from ?? Timestamp(seconds: 0) }
    /// Before every id that fits.
    var idBefore: EventID { EventID.lowerBound(at: start) }
    /// After every id that fits.
    var idAfter: EventID { EventID.lowerBound(at: to + .milliseconds(1)) }
}

extension ReplayJobRecord {
    fileprivate static let columns = """
        id, tenant_id, created_by, event_statuses, destination_id, accepted_from, accepted_to, event_ids, rate, status,
        matched, replayed, skipped, created_at, updated_at, finished_at
        """

    fileprivate init(_ row: inout Row) throws(StoreError) {
        let (id, tenantID, createdBy) = try (
            row.value(ReplayJobID.self), row.value(TenantID.self), row.value(UserID.self)
        )
        let statuses = try row.array(of: Int16.self).compactMap { $0.flatMap { EventStatus(rawValue: $0) } }
        var filter = ReplayFilter(
            statuses: statuses, destinationID: try row.optional(), from: try row.optional(), to: try row.value())
        // An array that is null reads as empty, and a job by ids has at least one.
        let events = try row.array(of: EventID.self).compactMap { $0 }
        filter.events = events.isEmpty ? nil : events
        let rate = try row.integer()
        let status: ReplayStatus = try row.named()
        self.init(
            id: id, tenantID: tenantID, createdBy: createdBy, filter: filter, rate: rate, status: status,
            matched: try row.integer(), createdAt: .never)
        replayed = try row.integer()
        skipped = try row.integer()
        createdAt = try row.value()
        updatedAt = try row.value()
        finishedAt = try row.optional()
    }
}

extension PostgresStore {
    private static let countFitting = Statement(
        "replay_count",
        """
        SELECT count(*) FROM (
            SELECT FROM events
            WHERE tenant_id = $1 AND status IN (5, 7) AND status = ANY ($2) AND id > $6 AND id < $7
                AND ($3 IS NULL OR destination_id = $3) AND accepted_at >= $4 AND accepted_at <= $5
            LIMIT $8) AS fitting
        """)
    private static let countNamed = Statement(
        "replay_count_named",
        """
        SELECT count(*) FROM events
        WHERE id = ANY ($8) AND id > $6 AND id < $7 AND tenant_id = $1 AND status = ANY ($2)
            AND ($3 IS NULL OR destination_id = $3) AND accepted_at >= $4 AND accepted_at <= $5
        """)
    // Two at the same time may both find room for one: the limit guards against scripts gone wild, not against this.
    private static let insertJob = Statement(
        "replay_insert",
        """
        INSERT INTO replay_jobs (id, tenant_id, created_by, status, event_statuses, destination_id, accepted_from,
            accepted_to, event_ids, rate, matched, cursor_id, created_at, updated_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13
        WHERE (SELECT count(*) FROM replay_jobs WHERE tenant_id = $2 AND status IN (0, 1)) < $14
        """)
    private static let jobOwner = Statement("replay_owner", "SELECT tenant_id FROM replay_jobs WHERE id = $1")
    private static let job = Statement(
        "replay_job", "SELECT \(ReplayJobRecord.columns) FROM replay_jobs WHERE id = $1 AND tenant_id = $2")
    private static let setJobStatus = Statement(
        "replay_status",
        """
        UPDATE replay_jobs SET status = $3, updated_at = now(), node_id = NULL, leased_until = NULL,
            finished_at = CASE WHEN $4 THEN now() END
        WHERE id = $1 AND tenant_id = $2 AND status IN (0, 1) RETURNING \(ReplayJobRecord.columns)
        """)
    private static let jobList = PageStatement(
        name: "replay_jobs", columns: ReplayJobRecord.columns, from: "replay_jobs", countFrom: "replay_jobs",
        sorts: ["id": "id", "status": "status", "createdAt": "created_at"], tieBreaker: "id")
}
