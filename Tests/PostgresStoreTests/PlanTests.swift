import Domain
import Ports
import Testing

@testable import PostgresStore

/// The plans of the hot statements on young tables, where nothing has been analysed yet: that is when the planner
/// goes wrong, and then each batch costs as much as there are rows.
@Suite("Plans of the hot statements", .needsPostgres)
struct PlanTests {
    let store: PostgresStore
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        let event = makeEvent()
        _ = try store.accept([event], dueAfter: .zero)
        _ = try store.settle([makeSettlement(event.item, .parked(dueAt: nil))], breakers: [])
        try store.markProcessing([event.item.eventID])
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

    @Test(arguments: [
        ("settle", "Index Cond: (id = u.id)"), ("mark_processing", "Index Cond: (id = u.id)"),
        ("still_waiting", "Index Cond: (id = u.id)"),
        ("due_work", "Index Cond: ((destination_id = r.destination_id) AND (due_at <= now()))"),
        ("due_ever", "Index Cond: ((destination_id = d.id) AND (due_at <= now()))"),
        ("due_work", "Index Cond: ((destination_id = r.destination_id) AND (due_at = 'infinity'"),
        ("due_ever", "Index Cond: ((destination_id = d.id) AND (due_at = 'infinity'"),
        ("events_cancel", "Index Cond: (id = w.id)"),
        ("events_cancel", "Index Cond: ((destination_id = $1) AND (due_at IS NOT NULL))"),
        ("cancel_orphans", "Index Cond: ((destination_id = g.id) AND (due_at IS NOT NULL))"),
        ("due_recently", "(due_at > $2) AND (due_at <= now())"),
    ])
    func useTheirIndex(_ statement: String, _ condition: String) throws {
        let plan = try plan(of: statement)
        #expect(plan.contains(condition), "\(plan)")
        #expect(!plan.contains("Seq Scan on events"), "\(plan)")
        #expect(!plan.contains("Materialize"), "\(plan)")
    }
}
