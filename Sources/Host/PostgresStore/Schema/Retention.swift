import Domain
import Ports

/// Takes old partitions of `events` and `attempts` away.
///
/// A partition is detached, which needs the two tables for itself, but only for a moment and only if they are to be had
/// soon: statements that come later queue up behind that wish. (`DETACH … CONCURRENTLY` is not possible for a table
/// that has a default partition.) What is detached has another name and is dropped afterwards, when nobody can be
/// waiting for it; a crash between the two leaves tables that the next call finds by their names.
///
/// Events that are not final yet move to the default partition with their attempts, and are deleted from there once
/// they are final.
struct Retention {
    let connection: PostgresConnection

    /// With more unfinished events than this, or more bytes of their payloads, a partition is kept: the move would take
    /// too long under the lock.
    static let movedMax = 10_000
    static let movedBytesMax = 16 << 20
    /// Rows of the default partition that are deleted in one call.
    static let deletedMax = 10_000

    struct Report: Equatable {
        /// Names of the tables of events.
        var dropped: [String] = []
        /// Those that have too many unfinished events, or too large ones.
        var kept: [String] = []
    }

    /// Everything that was accepted before `cutoff` and is final, by whole partitions. Other nodes may call it at the
    /// same time. `.unavailable` if the tables are too busy at the moment; what was done until then stays done.
    func run(before cutoff: Timestamp) throws(StoreError) -> Report {
        var report = Report()
        for name in try partitions(before: cutoff) {
            switch try detach(suffix: String(name.dropFirst("events_".count))) {
            case .done: report.dropped.append(name)
            case .tooManyUnfinished: report.kept.append(name)
            case .gone: continue
            }
        }
        try dropDetached()
        try deleteFromDefault(before: cutoff)
        return report
    }

    private enum Detachment { case done, tooManyUnfinished, gone }

    private func detach(suffix: String) throws(StoreError) -> Detachment {
        let (events, attempts) = ("events_\(suffix)", "attempts_\(suffix)")
        return try connection.transaction { () throws(StoreError) in
            try connection.execute(Partitions.lockOut)
            guard try isAttached(events) else { return .gone }
            let unfinished = try connection.query(
                Statement(
                    "retention_unfinished_\(suffix)",
                    """
                    SELECT count(*), coalesce(sum(bytes), 0)::bigint FROM (
                        SELECT octet_length(payload) AS bytes FROM \(events) WHERE due_at IS NOT NULL LIMIT $1
                        ) AS unfinished
                    """)
            ) { $0.add(Int64(Self.movedMax) + 1) }
            .first { row throws(StoreError) in (count: try row.integer(), bytes: try row.integer()) }
                ?? (count: 0, bytes: 0)
            guard unfinished.count <= Self.movedMax, unfinished.bytes <= Self.movedBytesMax else {
                return .tooManyUnfinished
            }
            try connection.execute(
                """
                SET LOCAL lock_timeout = '500ms';
                ALTER TABLE events DETACH PARTITION \(events);
                ALTER TABLE attempts DETACH PARTITION \(attempts);
                INSERT INTO attempts SELECT a.* FROM \(attempts) a
                    WHERE a.event_id IN (SELECT id FROM \(events) WHERE due_at IS NOT NULL);
                INSERT INTO events SELECT * FROM \(events) WHERE due_at IS NOT NULL;
                ALTER TABLE \(events) RENAME TO \(Self.detachedPrefix)\(events);
                ALTER TABLE \(attempts) RENAME TO \(Self.detachedPrefix)\(attempts);
                """)
            return .done
        }
    }

    private func dropDetached() throws(StoreError) {
        let names = try connection.query(Self.detached).map { row throws(StoreError) in try row.value(String.self) }
        for name in names { try connection.execute("DROP TABLE IF EXISTS \(name)") }
    }

    private func deleteFromDefault(before cutoff: Timestamp) throws(StoreError) {
        for statement in [Self.deleteEvents, Self.deleteAttempts] {
            try connection.query(statement) { parameters in
                parameters.add(EventID.lowerBound(at: cutoff))
                parameters.add(Int64(Self.deletedMax))
            }
        }
    }

    private func partitions(before cutoff: Timestamp) throws(StoreError) -> [String] {
        try connection.query(Self.expired) { $0.add(EventID.lowerBound(at: cutoff)) }
            .map { row throws(StoreError) in try row.value() }
    }

    private func isAttached(_ table: String) throws(StoreError) -> Bool {
        try connection.query(Self.attached) { $0.add(table) }.count > 0
    }

    private static let detachedPrefix = "expired_"

    private static let expired = Statement(
        "retention_expired",
        """
        SELECT relname::text FROM (
            SELECT c.relname,
                (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \\(''([0-9a-f-]{36})''\\)'))[1]::uuid AS ends
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'events'::regclass) AS partitions
        WHERE ends <= $1 ORDER BY ends
        """)
    private static let attached = Statement(
        "retention_attached",
        """
        SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'events'::regclass AND c.relname = $1::name
        """)
    private static let detached = Statement(
        "retention_detached",
        """
        SELECT relname::text FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
            AND relname ~ '^\(detachedPrefix)(events|attempts)_'
        """)
    // Looked at again after whatever the row was locked for: a replay makes it wait once more.
    private static let deleteEvents = Statement(
        "retention_default_events",
        """
        DELETE FROM events_default WHERE due_at IS NULL AND id = ANY (ARRAY(
            SELECT id FROM events_default WHERE id < $1 AND due_at IS NULL LIMIT $2))
        """)
    private static let deleteAttempts = Statement(
        "retention_default_attempts",
        """
        DELETE FROM attempts_default WHERE ctid = ANY (ARRAY(
            SELECT a.ctid FROM attempts_default a
            WHERE a.event_id < $1 AND NOT EXISTS (SELECT FROM events e WHERE e.id = a.event_id) LIMIT $2))
        """)
}
