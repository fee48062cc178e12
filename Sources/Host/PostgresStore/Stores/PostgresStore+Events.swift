import Domain
import Ports

extension PostgresStore: EventStore, ManagementStore {
    package func owner(ofEvent id: EventID) throws(StoreError) -> TenantID? {
        try connection.query(Self.eventOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func event(_ id: EventID, of tenant: TenantID) throws(StoreError) -> EventRecord? {
        try connection.query(Self.event) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(EventRecord.init)
    }

    package func attempts(of event: EventID, tenant: TenantID, limit: Int) throws(StoreError)
        -> (latest: [AttemptRecord], total: Int)
    {
        var total = 0
        let latest = try connection.query(Self.attemptsOfEvent) { parameters in
            parameters.add(event)
            parameters.add(tenant)
            parameters.add(Int64(limit))
        }.map { row throws(StoreError) in
            total = try row.integer()
            return try AttemptRecord(&row)
        }
        return (latest.reversed(), total)
    }

    package func replay(_ event: EventID, of tenant: TenantID) throws(StoreError) -> EventRecord? {
        try connection.transaction { () throws(StoreError) in
            let replayed = try connection.query(Self.replay) { parameters in
                parameters.add(event)
                parameters.add(tenant)
            }
            return replayed.count > 0 ? try self.event(event, of: tenant) : nil
        }
    }

    package func destinationsWithWaitingEvents(of tenant: TenantID) throws(StoreError) -> [DestinationID] {
        try connection.query(Self.waitedFor) { $0.add(tenant) }.map { row throws(StoreError) in try row.value() }
    }

    /// What is accepted while a purge goes on is none of its business: it would never end. But for a moment, by which
    /// clocks of nodes may differ.
    private static func bound(of purge: Purge) -> EventID { .lowerBound(at: purge.id.createdAt + .seconds(1)) }

    package func cancelWaiting(
        destination: DestinationID, of tenant: TenantID, limit: Int, for purge: Purge? = nil
    ) throws(StoreError) -> Int {
        let cancelled = try connection.query(Self.cancelWaiting) { parameters in
            parameters.add(destination)
            parameters.add(tenant)
            parameters.add(Int64(limit))
            parameters.add(purge?.actor)
            parameters.add(purge?.id)
            parameters.add(purge.map(Self.bound))
        }.first { row throws(StoreError) in try row.integer() }
        return cancelled ?? 0
    }
}

extension EventRecord {
    static let columns = """
        \(WorkItem.columns), coalesce(d.url, g.url), e.sender_id, e.status, e.idempotency_key, e.due_at,
        e.delivered_at, e.mapping_error
        """

    init(_ row: inout Row) throws(StoreError) {
        try self.init(
            item: WorkItem(&row), destinationURL: row.optional() ?? "", senderID: row.optional(), status: row.named(),
            idempotencyKey: row.optional(), nextAttemptAt: Self.moment(row.optional()), deliveredAt: row.optional(),
            mappingError: row.optional())
    }

    /// Nil for what waits without a time.
    private static func moment(_ time: Timestamp?) -> Timestamp? {
        time == .never ? nil : time
    }
}

extension AttemptRecord {
    fileprivate static let columns = """
        a.number, a.started_at, a.duration_us, a.outcome, a.http_status, a.error, a.response_body, a.request_headers,
        a.plugin_chain
        """

    fileprivate init(_ row: inout Row) throws(StoreError) {
        let number = try row.integer()
        let startedAt: Timestamp = try row.value()
        let duration = Duration.microseconds(try row.integer())
        let outcome: OutcomeClass = try row.named()
        let httpStatus = try row.integer()
        let error: String? = try row.optional()
        let responseBody: [UInt8] = try row.value()
        let requestHeaders: String = try row.value()
        let chain: String = try row.value()
        self.init(
            number: number, startedAt: startedAt, duration: duration, outcome: outcome, httpStatus: httpStatus,
            error: error, responseBody: responseBody, requestHeaders: requestHeaders,
            pluginChain: PluginStep.read(chain))
    }
}

extension PostgresStore {
    static let withDestination = """
        events e LEFT JOIN destinations d ON d.id = e.destination_id
        LEFT JOIN deleted_destinations g ON g.id = e.destination_id
        """

    private static let eventOwner = Statement("event_owner", "SELECT tenant_id FROM events WHERE id = $1")
    private static let event = Statement(
        "event", "SELECT \(EventRecord.columns) FROM \(withDestination) WHERE e.id = $1 AND e.tenant_id = $2")
    private static let attemptsOfEvent = Statement(
        "attempts",
        """
        SELECT (SELECT count(*) FROM attempts c WHERE c.event_id = $1), \(AttemptRecord.columns) FROM attempts a
        WHERE a.event_id = $1 AND EXISTS (SELECT FROM events e WHERE e.id = $1 AND e.tenant_id = $2)
        ORDER BY a.number DESC LIMIT $3
        """)
    private static let replay = Statement(
        "event_replay",
        """
        WITH failed AS (
            SELECT id, status FROM events
            WHERE id = $1 AND tenant_id = $2 AND status IN (5, 7) AND octet_length(payload) > 0
                AND EXISTS (SELECT FROM destinations d WHERE d.id = events.destination_id)
            FOR UPDATE),
        replayed AS (
            UPDATE events e SET status = 0, due_at = now(), attempts_this_round = 0, delivered_at = NULL
            FROM failed f WHERE e.id = f.id
            RETURNING e.id, e.tenant_id, e.destination_id, e.accepted_at, e.delivered_at, e.status AS became,
                f.status AS was, false AS was_retrying, false AS tried),
        \(EventSeam.changed(in: "replayed"))
        SELECT pg_notify('hooksentry_changes', 'due:' || destination_id) FROM replayed
        """)
    // Whoever holds a row writes its outcome and is not waited for; so neither can wait for the other in a circle. All
    // that have a `due_at` wait but those that are under way; said by what they are, the planner would rather read all
    // of the tenant's in the index by status; and the bound, null for none, so that no index seems to be of use for it.
    private static let cancelWaiting = Statement(
        "events_cancel",
        """
        WITH waiting AS (
            SELECT id FROM events
            WHERE destination_id = $1 AND tenant_id = $2 AND due_at IS NOT NULL AND status <> 1
                AND (id < $6) IS NOT FALSE
            LIMIT $3 FOR UPDATE SKIP LOCKED),
        cancelled AS (
            UPDATE events e SET status = 6, due_at = NULL FROM waiting w WHERE e.id = w.id
            RETURNING \(EventSeam.cancelled)),
        \(EventSeam.changed(in: "cancelled")),
        told AS (
            INSERT INTO notifications AS n (tenant_id, type, title, body, destination_id, count, key)
            SELECT d.tenant_id, '\(NotificationType.queuePurged.rawValue)', 'Queue purged',
                $4 || ' cancelled ' || c.count || ' waiting events for ' || d.url || '.', d.id, c.count,
                '\(NotificationType.queuePurged.rawValue):' || $5 || ':' || d.id
            FROM (SELECT count(*) FROM cancelled) AS c JOIN destinations d ON d.id = $1 AND d.tenant_id = $2
            WHERE c.count > 0 AND $5 IS NOT NULL
            ON CONFLICT (tenant_id, key) DO UPDATE SET count = n.count + EXCLUDED.count,
                body = $4 || ' cancelled ' || (n.count + EXCLUDED.count) || ' waiting events for '
                    || (SELECT url FROM destinations WHERE id = $1 AND tenant_id = $2) || '.')
        SELECT count(*), CASE WHEN count(*) > 0 THEN pg_notify('hooksentry_changes', 'cancelled:' || $1)::text END
        FROM cancelled
        """)
    private static let waitedFor = Statement(
        "destinations_waited_for",
        """
        SELECT d.id FROM destinations d WHERE d.tenant_id = $1 AND (
            SELECT true FROM events e
            WHERE e.destination_id = d.id AND e.due_at IS NOT NULL AND e.status <> 1 LIMIT 1)
        """)
}
