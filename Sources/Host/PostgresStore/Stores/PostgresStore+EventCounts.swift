import Domain
import Ports

extension PostgresStore: EventCountStore {
    package func eventCounts(of tenant: TenantID, destination: DestinationID?, _ period: EventCountPeriod)
        throws(StoreError) -> [(start: Timestamp, counts: EventCounts)]
    {
        let statement = destination == nil ? Self.countsOfTenant : Self.countsOfDestination
        let rows = try connection.query(statement) { parameters in
            addPeriod(period, of: tenant, to: parameters)
            parameters.add(period.bucket.inMicroseconds)
            parameters.add(destination ?? Self.allDestinations)
        }.map { row throws(StoreError) in try (row.value(Timestamp.self), EventCounts(&row)) }
        return summed(rows).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    package func eventCountsByDestination(of tenant: TenantID, _ period: EventCountPeriod) throws(StoreError)
        -> [(destination: DestinationID, counts: EventCounts)]
    {
        let rows = try connection.query(Self.countsByDestination) { addPeriod(period, of: tenant, to: $0) }
            .map { row throws(StoreError) in try (row.value(DestinationID.self), EventCounts(&row)) }
        return summed(rows).map { ($0.key, $0.value) }
    }

    package func oldestDue(of tenant: TenantID, destination: DestinationID?) throws(StoreError) -> Timestamp? {
        try connection.query(Self.oldestDue) { parameters in
            parameters.add(tenant)
            parameters.add(destination)
        }.first { row throws(StoreError) in try row.optional() } ?? nil
    }

    package func countedSince() throws(StoreError) -> Timestamp? {
        let seconds = try connection.query(Self.countedSince).first { row throws(StoreError) in try row.integer() }
        return seconds.map { Timestamp(seconds: Int64($0)) }
    }

    /// Rows of changes that are added to the counts in one call, which is about a second's work.
    package static let foldedAtOnce = 20_000

    /// Adds what was written since the last time to the counts. Of several nodes that call at once, one works.
    /// Returns how many rows of changes went in: `foldedAtOnce` if there may be more.
    package func foldEventCounts() throws(StoreError) -> Int {
        try connection.query(Self.fold).first { row throws(StoreError) in try row.integer() } ?? 0
    }

    private func addPeriod(_ period: EventCountPeriod, of tenant: TenantID, to parameters: Parameters) {
        let isWholeHours = period.bucket.inMicroseconds % EventCountPeriod.hour.inMicroseconds == 0
        parameters.add(tenant)
        parameters.add(Int32(isWholeHours ? Self.hourSeconds : Self.detailSeconds))
        parameters.add(period.from)
        parameters.add(period.to)
    }

    private func summed<Key: Hashable>(_ rows: [(Key, EventCounts)]) -> [Key: EventCounts] {
        Dictionary(rows) { sum, more in
            var sum = sum
            sum += more
            return sum
        }
    }
}

extension EventCounts {
    fileprivate static let names = [
        "accepted", "retrying", "succeeded", "critical", "unauthenticated", "cancelled", "attempts",
    ]
    fileprivate static let columns = names.joined(separator: ", ")
    fileprivate static let sums = names.map { "sum(\($0))::bigint" }.joined(separator: ", ")
    fileprivate static let additions = names.map { "\($0) = c.\($0) + EXCLUDED.\($0)" }.joined(separator: ", ")

    /// From a row of one latency: that, and the sums.
    fileprivate init(_ row: inout Row) throws(StoreError) {
        self.init()
        let latency = try row.integer()
        accepted = try row.integer()
        retrying = try row.integer()
        succeeded = try row.integer()
        critical = try row.integer()
        unauthenticated = try row.integer()
        cancelled = try row.integer()
        attempts = try row.integer()
        if latency >= 0, succeeded != 0 { latencies = [latency: succeeded] }
    }
}

extension PostgresStore {
    static let detailSeconds = EventCountPeriod.detail.components.seconds
    static let hourSeconds = EventCountPeriod.hour.components.seconds
    /// Stands for the sum of a tenant's destinations.
    private static let allDestinations = DestinationID(high: 0, low: 0)

    private static let countsOfTenant = counts("tenant", destinationOfChanges: "true")
    private static let countsOfDestination = counts("destination", destinationOfChanges: "destination_id = $6")

    // Folded and not yet folded ones in one snapshot, so each change is seen once.
    private static func counts(_ name: String, destinationOfChanges: String) -> Statement {
        Statement(
            "event_counts_of_\(name)",
            """
            SELECT date_bin($5 * interval '1 microsecond', bucket, 'epoch'), latency, \(EventCounts.sums) FROM (
                SELECT bucket, latency, \(EventCounts.columns) FROM event_counts
                WHERE tenant_id = $1 AND span_s = $2 AND destination_id = $6 AND bucket >= $3 AND bucket < $4
                UNION ALL
                SELECT bucket, latency, \(EventCounts.columns) FROM event_count_changes
                WHERE tenant_id = $1 AND bucket >= $3 AND bucket < $4 AND \(destinationOfChanges)) AS a
            GROUP BY 1, 2
            """)
    }

    private static let countsByDestination = Statement(
        "event_counts_by_destination",
        """
        SELECT d.id, a.latency, \(EventCounts.sums) FROM destinations d CROSS JOIN LATERAL (
            SELECT latency, \(EventCounts.columns) FROM event_counts c
            WHERE c.tenant_id = $1 AND c.span_s = $2 AND c.destination_id = d.id AND c.bucket >= $3 AND c.bucket < $4
            ) AS a
        WHERE d.tenant_id = $1 GROUP BY 1, 2
        UNION ALL
        SELECT d.id, a.latency, \(EventCounts.sums) FROM destinations d
        JOIN event_count_changes a ON a.destination_id = d.id
        WHERE d.tenant_id = $1 AND a.tenant_id = $1 AND a.bucket >= $3 AND a.bucket < $4 GROUP BY 1, 2
        """)
    private static let oldestDue = Statement(
        "oldest_due",
        """
        SELECT min(o.due_at) FROM destinations d CROSS JOIN LATERAL (
            SELECT e.due_at FROM events e
            WHERE e.destination_id = d.id AND e.due_at <= now() ORDER BY e.due_at LIMIT 1) AS o
        WHERE d.tenant_id = $1 AND d.status = 0 AND d.paused_at IS NULL AND ($2 IS NULL OR d.id = $2)
        """)
    private static let countedSince = Statement(
        "counted_since", "SELECT value FROM platform_settings WHERE name = 'counted_since_s'")

    private static let fold = Statement(
        "event_counts_fold",
        """
        WITH turn AS MATERIALIZED (
            SELECT pg_try_advisory_xact_lock(hashtextextended('hooksentry event counts', 0)) AS is_ours),
        gone AS (
            DELETE FROM event_count_changes WHERE (SELECT is_ours FROM turn) AND ctid = ANY (ARRAY(
                SELECT ctid FROM event_count_changes LIMIT \(foldedAtOnce)))
            RETURNING *),
        added AS (
            INSERT INTO event_counts AS c (tenant_id, span_s, destination_id, bucket, latency, \(EventCounts.columns))
            SELECT g.tenant_id, s.span_s, d.id, date_bin(s.span_s * interval '1 second', g.bucket, 'epoch'), g.latency,
                \(EventCounts.sums)
            FROM gone g CROSS JOIN (VALUES (\(detailSeconds)), (\(hourSeconds))) AS s (span_s)
            CROSS JOIN LATERAL (VALUES (g.destination_id), ('\(allDestinations)'::uuid)) AS d (id)
            GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
            ON CONFLICT (tenant_id, span_s, destination_id, bucket, latency) DO UPDATE SET \(EventCounts.additions))
        SELECT count(*) FROM gone
        """)
}
