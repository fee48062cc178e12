import Domain
import Ports

extension PostgresStore: DueStore {
    /// How far before `since` a look for due work begins. A row becomes visible when its transaction commits, which
    /// may be as late as its statement's timeout after the time it says, by a clock that may be a little off.
    static let overlap = Duration.seconds(15)

    package func destinationsWithDueWork(in shards: Set<Shard>, since: Timestamp?) throws(StoreError)
        -> (destinations: [DestinationID], now: Timestamp)
    {
        let numbers = shards.map(\.number).sorted()
        // The clock comes back even when there is no work, so each row is a destination or, last, none.
        let found =
            if let since {
                try connection.query(Self.recentlyDue) { parameters in
                    parameters.array(numbers)
                    parameters.add(since - Self.overlap)
                }
            } else {
                try connection.query(Self.everDue) { $0.array(numbers) }
            }
        var now: Timestamp?
        let destinations: [DestinationID?] = try found.map { row throws(StoreError) in
            now = try row.value()
            return try row.optional()
        }
        guard let now else { throw .rejected(sqlState: "02000", "the scan for due work returned no clock") }
        return (destinations.compactMap { $0 }, now)
    }

    package func dueWork(_ read: DueRead) throws(StoreError) -> [WorkItem] {
        guard !read.requests.isEmpty else { return [] }
        return try connection.query(Self.dueWork) { parameters in
            parameters.array(read.requests) { $0.destination }
            parameters.array(read.requests) { Int64($0.events) }
            parameters.add(Int64(read.bytes))
            parameters.array(read.held)
            parameters.array(read.requests) { $0.waitedForOpening }
            parameters.add(Int64(read.bytesPerEvent))
        }.map(WorkItem.init)
    }

    package func endProcessing(in shard: Shard) throws(StoreError) {
        try connection.query(Self.endProcessing) { $0.add(shard.number) }
    }

    package func stillWaiting(_ items: [(event: EventID, attemptsFinished: Int)]) throws(StoreError) -> Set<EventID> {
        guard !items.isEmpty else { return [] }
        let waiting = try connection.query(Self.stillWaiting) { parameters in
            parameters.array(items) { $0.event }
            parameters.array(items) { Int32(clamping: $0.attemptsFinished) }
        }
        return Set(try waiting.map { row throws(StoreError) in try row.value() })
    }
}

extension WorkItem {
    /// The columns that `init(_:)` reads, of a table named `e`.
    static let columns = """
        e.id, e.tenant_id, e.destination_id, e.attempts_finished, e.attempts_this_round, e.accepted_at,
        e.content_type, e.traceparent, e.is_test, e.payload
        """

    init(_ row: inout Row) throws(StoreError) {
        try self.init(
            eventID: row.value(), tenantID: row.value(), destinationID: row.value(), attemptsFinished: row.integer(),
            attemptsThisRound: row.integer(), acceptedAt: row.value(), contentType: row.value(),
            traceparent: row.value(), isTest: row.value(), payload: row.value())
    }
}

extension PostgresStore {
    private static let recentlyDue = Statement(
        "due_recently",
        """
        SELECT now(), d.id FROM (
            SELECT e.destination_id FROM events e
            WHERE e.shard = ANY ($1) AND e.due_at > $2 AND e.due_at <= now()
            GROUP BY e.destination_id) AS found
        JOIN destinations d ON d.id = found.destination_id AND d.status = 0 AND d.paused_at IS NULL
        UNION ALL SELECT now(), NULL
        """)

    // From the destinations and not from the rows: with a million due rows of a few destinations this stops at the
    // first row of each.
    private static let everDue = Statement(
        "due_ever",
        """
        SELECT now(), d.id FROM destinations d
        WHERE d.shard = ANY ($1) AND d.status = 0 AND d.paused_at IS NULL AND coalesce(
            (SELECT true FROM events e WHERE e.destination_id = d.id AND e.due_at <= now() LIMIT 1),
            (SELECT true FROM events e WHERE e.destination_id = d.id AND e.due_at = 'infinity' LIMIT 1))
        UNION ALL SELECT now(), NULL
        """)

    // What waited for the destination comes in no order of its own: sorting a long backlog for each portion would cost
    // as much as the backlog is long.
    //
    // Bytes are summed up as the rows come, without a sort; a payload's length is known without reading a payload that
    // is stored out of line. The sum ends nothing: rows behind the bytes are found all the same, and dropped. So who
    // asks does not ask for many more than the bytes will hold.
    private static let dueWork = Statement(
        "due_work",
        """
        SELECT \(WorkItem.columns) FROM (
            SELECT e.*, sum(octet_length(e.payload) + $6) OVER (ROWS UNBOUNDED PRECEDING)
                - octet_length(e.payload) - $6 AS before
            FROM unnest($1, $2, $5) AS r (destination_id, wanted, waited)
            CROSS JOIN LATERAL (
                (SELECT \(WorkItem.columns) FROM events e
                WHERE e.destination_id = r.destination_id AND e.due_at <= now()
                    AND e.id NOT IN (SELECT unnest($4))
                ORDER BY e.due_at LIMIT r.wanted)
                UNION ALL
                (SELECT \(WorkItem.columns) FROM events e
                WHERE r.waited AND e.destination_id = r.destination_id AND e.due_at = 'infinity'
                    AND e.id NOT IN (SELECT unnest($4))
                LIMIT r.wanted)
                LIMIT r.wanted) AS e) AS e
        WHERE e.before < $3
        """)

    // By tenant and status, so that it reads what is Processing and not all that waits.
    private static let endProcessing = Statement(
        "end_processing",
        """
        WITH stale AS (
            SELECT e.id FROM destinations d JOIN events e ON e.tenant_id = d.tenant_id AND e.destination_id = d.id
            WHERE d.shard = $1 AND (d.status <> 0 OR d.paused_at IS NOT NULL) AND e.status = 1
            FOR UPDATE OF e SKIP LOCKED),
        ended AS (
            UPDATE events e SET status = CASE WHEN e.attempts_this_round > 0 THEN 4 ELSE 0 END
            FROM stale s WHERE e.id = s.id RETURNING e.id, e.tenant_id),
        \(EventSeam.announcement("event.updated", in: "ended"))
        SELECT count(*) FROM ended
        """)

    private static let stillWaiting = Statement(
        "still_waiting",
        """
        SELECT u.id FROM unnest($1, $2) AS u (id, attempts_finished)
        WHERE (SELECT true FROM events e
            WHERE e.id = u.id AND e.attempts_finished = u.attempts_finished AND \(EventRow.waits))
        """)
}
