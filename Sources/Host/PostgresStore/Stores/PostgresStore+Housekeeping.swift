import Domain
import Ports

package struct HousekeepingReport: Sendable, Equatable {
    /// Names of the partitions of events that were made.
    package var partitions: [String] = []
    /// Expired rows that were deleted.
    package var deleted = 0
    /// Events cancelled because their destination was deleted.
    package var cancelled = 0
    /// Names of the partitions of events that were dropped.
    package var dropped: [String] = []
    /// Those that should have been, but have too many events that are not final.
    package var kept: [String] = []
}

extension PostgresStore {
    /// Makes partitions ahead of time, drops those whose events are older than `retention` (nil: none), and deletes
    /// what has expired, in small transactions. Any node may call it at any time; several at the same time do no
    /// harm.
    package func runHousekeeping(now: Timestamp, retention: Duration? = nil, limits: Limits = Limits())
        throws(StoreError) -> HousekeepingReport
    {
        var report = HousekeepingReport()
        report.partitions = try ensurePartitions(from: now, to: now + Migrator.partitionsAhead)
        for statement in Self.expiries { report.deleted += try deleteAll(statement, before: now) }
        report.deleted += try deleteAll(Self.expireNotifications, before: now - limits.notificationRetention)
        report.deleted += try deleteAll(Self.expireStreamEntries, before: now - limits.streamMemory)
        // The hour in which the oldest one began is still asked for.
        let detailKept = EventCountPeriod.detailKept + EventCountPeriod.hour
        report.deleted += try deleteAll(Self.expireDetailedCounts, before: now - detailKept)
        report.deleted += try deleteAll(Self.expireHourlyCounts, before: now - limits.countRetention)
        for _ in 0..<100 {
            let cancelled = try connection.query(Self.cancelOrphans) { $0.add(now) }.first { row throws(StoreError) in
                try row.integer()
            }
            report.cancelled += cancelled ?? 0
            if cancelled == 0 { break }
        }
        if let retention {
            let outcome = try Retention(connection: connection).run(before: now - retention)
            report.dropped = outcome.dropped
            report.kept = outcome.kept
        }
        return report
    }

    /// Returns how many rows are gone. statement: deletes up to `deletedAtOnce` rows that are older than its parameter.
    private func deleteAll(_ statement: Statement, before time: Timestamp) throws(StoreError) -> Int {
        var total = 0
        // Bounded: what is left waits for the next call.
        for _ in 0..<1_000 {
            let rows = try connection.query(statement) { $0.add(time) }
            let deleted = try rows.first { row throws(StoreError) in try row.integer() } ?? rows.affected
            total += deleted
            if deleted < Self.deletedAtOnce { break }
        }
        return total
    }

    /// Makes the missing partitions for events whose ids are made in this span. Returns the names of the new tables.
    package func ensurePartitions(from: Timestamp, to: Timestamp) throws(StoreError) -> [String] {
        try Partitions(connection: connection).ensure(from: from, to: to)
    }

    private static let deletedAtOnce = 1_000

    // Events that were accepted, or failed an attempt, in the moment in which their destination was deleted. An attempt
    // that is under way may have been delivered: its outcome is waited for, unless it will not come any more.
    private static let cancelOrphans = Statement(
        "cancel_orphans",
        """
        WITH orphans AS (
            SELECT e.id FROM deleted_destinations g CROSS JOIN LATERAL (
                SELECT id FROM events WHERE destination_id = g.id AND due_at IS NOT NULL
                    AND (status <> 1 OR g.deleted_at < $1 - interval '10 minutes')
                LIMIT \(deletedAtOnce) FOR UPDATE SKIP LOCKED) AS e
            WHERE g.deleted_at > $1 - interval '1 day' LIMIT \(deletedAtOnce)),
        unguarded AS (
            DELETE FROM breakers b USING deleted_destinations g
            WHERE b.destination_id = g.id AND g.deleted_at > $1 - interval '1 day'),
        cancelled AS (
            UPDATE events e SET status = 6, due_at = NULL FROM orphans o WHERE e.id = o.id
            RETURNING \(EventSeam.cancelled)),
        \(EventSeam.changed(in: "cancelled"))
        SELECT count(*) FROM cancelled
        """)

    private static let expiries = [
        ("idempotency_keys", "expires_at"), ("refresh_tokens", "expires_at"), ("denied_access_tokens", "until"),
        ("attempt_counters", "ends_at"), ("webhook_secrets", "valid_until"), ("stream_interests", "until"),
        ("stream_tickets", "expires_at"),
    ].map { table, column in
        Statement("expire_\(table)", expiry(table, column))
    }
    private static let expireNotifications = Statement(
        "expire_notifications", expiry("notifications", "created_at"))
    private static let expireDetailedCounts = Statement(
        "expire_detailed_counts", expiry("event_counts", "span_s = \(detailSeconds) AND bucket"))
    private static let expireHourlyCounts = Statement(
        "expire_hourly_counts", expiry("event_counts", "span_s = \(hourSeconds) AND bucket"))

    // Looked at again after whatever the row was locked for: an expired key that is claimed anew stays.
    private static func expiry(_ table: String, _ column: String) -> String {
        """
        DELETE FROM \(table) WHERE \(column) <= $1 AND ctid = ANY (ARRAY(
            SELECT ctid FROM \(table) WHERE \(column) <= $1 LIMIT \(deletedAtOnce)))
        """
    }

    // Who reads from before the last one that is gone must hear that something is missing.
    private static let expireStreamEntries = Statement(
        "expire_stream_entries",
        """
        WITH gone AS (\(expiry("stream_entries", "created_at")) RETURNING tenant_id, transaction, entry),
        noted AS (
            UPDATE stream_interests i SET kept_after_transaction = g.transaction, kept_after_entry = g.entry
            FROM (
                SELECT DISTINCT ON (tenant_id) tenant_id, transaction, entry FROM gone
                ORDER BY tenant_id, transaction DESC, entry DESC) AS g
            WHERE i.tenant_id = g.tenant_id
                AND (i.kept_after_transaction, i.kept_after_entry) < (g.transaction, g.entry))
        SELECT count(*) FROM gone
        """)
}
