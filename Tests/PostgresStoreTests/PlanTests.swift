import Domain
import Ports
import Testing

@testable import PostgresStore

/// The plans of the hot statements where the planner goes wrong, and then each batch costs as much as there are rows:
/// on young tables that nobody has analysed, and on a month of partitions that were analysed while nothing waited.
@Suite("Plans of the hot statements", .needsPostgres)
struct PlanTests {
    private let store: PostgresStore
    private let settling: PostgresStore
    private let database: TestDatabase
    private let tenant: TenantID = makeID()

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        settling = database.makeStore(.settling())
    }

    /// Thirty days of delivered events and of a few that failed.
    private func age() throws {
        _ = try store.ensurePartitions(from: now() - .seconds(86_400 * 30), to: now())
        try store.connection.execute(
            """
            INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
                status, due_at, delivered_at)
            SELECT (left(millisecond, 8) || '-' || right(millisecond, 4)
                    || '-7' || right(gen_random_uuid()::text, 21))::uuid,
                md5('tenant ' || n % 7)::uuid, md5('destination ' || n % 50)::uuid, n % 16, at, 'application/json', '',
                '{}', CASE WHEN n % 1000 = 0 THEN 5 ELSE 2 END, NULL, now()
            FROM generate_series(0, 29999) AS n,
                LATERAL (SELECT now() - interval '30 days' + n * interval '86 s') AS a (at),
                LATERAL (SELECT lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0')) AS m (millisecond)
            """)
        try store.connection.execute("VACUUM ANALYZE events")
    }

    private func prepareAll() throws {
        let event = makeEvent()
        _ = try store.accept([event], dueAfter: .zero)
        _ = try store.stillWaiting([(event.item.eventID, 0)])
        _ = try store.dueWork(for: [(event.item.destinationID, 1)], held: [])
        _ = try store.destinationsWithDueWork(in: [Shard(1)], since: now())
        _ = try store.destinationsWithDueWork(in: [Shard(1)], since: nil)
        _ = try store.cancelWaiting(destination: event.item.destinationID, of: event.item.tenantID, limit: 1)
        _ = try store.runHousekeeping(now: now())
    }

    /// The generic plan of what this session has prepared under a name, as text.
    private func plan(of statement: String) throws -> String {
        let connection = store.connection
        let name = try connection.text("SELECT name FROM pg_prepared_statements WHERE name ~ '^\\d+_\(statement)$'")
        let count = try connection.text(
            "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = '\(name)'")
        let nulls = Array(repeating: "NULL", count: Int(count) ?? 0).joined(separator: ", ")
        return try connection.query(Statement("plan \(statement)", "EXPLAIN EXECUTE \"\(name)\" (\(nulls))"))
            .map { row throws(StoreError) in try row.value(String.self) }.joined(separator: "\n")
    }

    private static let indexes = [
        ("still_waiting", "Index Cond: (id = u.id)"),
        ("due_work", "Index Cond: ((destination_id = r.destination_id) AND (due_at <= now()))"),
        ("due_ever", "Index Cond: ((destination_id = d.id) AND (due_at <= now()))"),
        ("due_work", "Index Cond: ((destination_id = r.destination_id) AND (due_at = 'infinity'"),
        ("due_ever", "Index Cond: ((destination_id = d.id) AND (due_at = 'infinity'"),
        ("events_cancel", "Index Cond: (id = w.id)"),
        ("events_cancel", "Index Cond: ((destination_id = $1) AND (due_at IS NOT NULL))"),
        ("cancel_orphans", "Index Cond: ((destination_id = g.id) AND (due_at IS NOT NULL))"),
        ("due_recently", "(due_at > $2) AND (due_at <= now())"),
    ]

    @Test(arguments: indexes)
    func useTheirIndexOnYoungTables(_ statement: String, _ condition: String) throws {
        try prepareAll()
        try expectPlan(of: statement, toContain: condition)
    }

    /// What a batch reads must not grow with what is stored or waits, whatever the statistics say.
    @Test(arguments: [Statistics.none, .ofNothingWaiting])
    func readNoMoreThanTheirRows(_ statistics: Statistics) throws {
        if statistics == .ofNothingWaiting { try age() }
        // Today's partition is filled afterwards: by what waits, and by what failed for good.
        let failed = (0..<40).map { _ in makeEvent(tenant: tenant) }
        for _ in 0..<10 { _ = try store.accept((0..<300).map { _ in makeEvent() }, dueAfter: .seconds(30)) }
        _ = try store.accept(failed, dueAfter: .seconds(30))
        try store.connection.execute(
            """
            UPDATE events SET status = 5, due_at = NULL
            WHERE id = ANY ('{\(failed.map { "\($0.item.eventID)" }.joined(separator: ","))}')
            """)
        let batch = (0..<40).map { _ in makeEvent() }
        _ = try store.accept(batch, dueAfter: .seconds(30))

        let ids = batch.map(\.item.eventID)
        try expectFewRowsRead("marking") { try settling.markProcessing(ids) }
        try expectFewRowsRead("checking") { _ = try store.stillWaiting(ids.map { ($0, 0) }) }
        var settled: [Int] = []
        try expectFewRowsRead("settling") {
            let outcomes = batch.map {
                makeSettlement($0.item, attempt: makeAttempt(1, .succeeded, status: 200), .succeeded(at: now()))
            }
            settled.append(try settling.settle(outcomes, breakers: []).count)
        }
        #expect(settled == [batch.count, 0])
        // None of them will be: their destinations do not exist.
        try expectFewRowsRead("replaying") { _ = try store.replay(failed.map(\.item.eventID), of: tenant) }
    }

    enum Statistics { case none, ofNothingWaiting }

    private func expectFewRowsRead(_ what: String, _ run: () throws -> Void) throws {
        try run()  // The first run of a statement looks at catalogs and may read a row or two to plan.
        let before = try rowsRead()
        try run()
        let read = try rowsRead() - before
        #expect(read <= 400, "\(what) a batch of 40 read \(read) rows and index entries")
    }

    /// Rows and index entries of events that this database has read so far.
    private func rowsRead() throws -> Int {
        for session in [store, settling] { try session.connection.execute("SELECT pg_stat_force_next_flush()") }
        let text = try store.connection.text(
            """
            SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname LIKE 'events%')
                + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname LIKE 'events%')
            """)
        return Int(text) ?? 0
    }

    private func expectPlan(of statement: String, toContain condition: String) throws {
        let plan = try plan(of: statement)
        #expect(plan.contains(condition), "\(plan)")
        #expect(!plan.contains("Seq Scan on events"), "\(plan)")
        #expect(!plan.contains("Materialize"), "\(plan)")
    }
}
