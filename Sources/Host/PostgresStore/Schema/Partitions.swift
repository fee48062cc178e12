import Domain
import Ports

/// Makes the partitions of `events` and `attempts` before they are needed.
struct Partitions {
    let connection: PostgresConnection

    // One node at a time. Attaching needs the default partitions for itself, and statements that come later queue up
    // behind that wish; so it is given up soon if a long list is being read. There are days to try again.
    static let lockOut = """
        SELECT pg_advisory_xact_lock(hashtextextended('hooksentry partitions', 0));
        SET LOCAL lock_timeout = '1s';
        """

    private static let width = Statement(
        "partition_width", "SELECT value FROM platform_settings WHERE name = 'partition_width_s'")
    // From the catalog's rows: `to_regclass` may answer from a cache that has not heard of another node's table yet.
    private static let exists = Statement(
        "partition_exists",
        """
        SELECT EXISTS (
            SELECT FROM pg_class WHERE relname = $1::name AND relnamespace = current_schema()::regnamespace)
        """)

    /// Makes what is missing for ids made in this span. Returns the names of the new tables of events.
    ///
    /// Rows that had landed in the default partition meanwhile move over. Other nodes may call it at the same time.
    /// `.unavailable` if the tables are too busy at the moment.
    func ensure(from: Timestamp, to: Timestamp) throws(StoreError) -> [String] {
        guard let seconds = try connection.query(Self.width).first({ row throws(StoreError) in try row.integer() })
        else { throw .rejected(sqlState: "02000", "platform_settings has no partition_width_s") }
        var made: [String] = []
        for slot in PartitionSlot.covering(from: from, to: to, width: .seconds(seconds)) {
            let name = "events_\(slot.suffix)"
            if try !isThere(name), try make(slot) { made.append(name) }
        }
        return made
    }

    /// False if another node was faster, or if the span is covered by partitions of another width.
    private func make(_ slot: PartitionSlot) throws(StoreError) -> Bool {
        do throws(StoreError) {
            return try connection.transaction { () throws(StoreError) in
                try connection.execute(Self.lockOut)
                guard try !isThere("events_\(slot.suffix)") else { return false }
                try connection.execute(attach(slot, to: "events", by: "id"))
                try connection.execute(attach(slot, to: "attempts", by: "event_id"))
                return true
            }
        } catch .rejected(sqlState: "42P17", _) {
            return false
        }
    }

    /// Made apart and attached: that needs a weaker lock on the table than `CREATE TABLE … PARTITION OF`, so
    /// accepting goes on meanwhile.
    private func attach(_ slot: PartitionSlot, to table: String, by column: String) -> String {
        let name = "\(table)_\(slot.suffix)"
        let (low, high) = (slot.lowerBound, slot.upperBound)
        // Every event is inserted once and changed about once: dead rows come evenly, and the partial indexes on
        // due_at are fast only while vacuum keeps up.
        return """
            LOCK TABLE \(table)_default IN ACCESS EXCLUSIVE MODE;
            CREATE TABLE \(name) (LIKE \(table) INCLUDING ALL)
                WITH (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1);
            WITH moved AS (
                DELETE FROM \(table)_default WHERE \(column) >= '\(low)' AND \(column) < '\(high)' RETURNING *)
            INSERT INTO \(name) SELECT * FROM moved;
            ALTER TABLE \(table) ATTACH PARTITION \(name) FOR VALUES FROM ('\(low)') TO ('\(high)');
            """
    }

    private func isThere(_ table: String) throws(StoreError) -> Bool {
        try connection.query(Self.exists) { $0.add(table) }.first { row throws(StoreError) in try row.value() } ?? false
    }
}
