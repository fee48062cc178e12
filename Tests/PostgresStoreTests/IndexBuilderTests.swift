import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Indexes that are built while events come in", .needsPostgres)
struct IndexBuilderTests {
    private let index = PartitionedIndex(
        name: "events_tried", table: "events", columns: "tenant_id, shard", condition: "shard > 1")
    let database: TestDatabase

    init() throws { database = try TestDatabase() }

    private func validIndexes() throws -> String {
        try database.makeConnection().text(
            """
            SELECT bool_and(i.indisvalid) || ' ' || count(*) || ' ' || count(p.inhparent)
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
            WHERE c.relname ~ 'events_tried$'
            """)
    }

    private func partitions() throws -> Int {
        let count = try database.makeConnection().text(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass")
        return Int(count) ?? 0
    }

    @Test func everyPartitionGetsOneAndNothingIsBuiltTwice() throws {
        let connection = database.makeConnection()
        for _ in 0..<2 { try IndexBuilder(connection: connection).build(index) }
        let partitions = try partitions()
        #expect(partitions >= 4)
        #expect(try validIndexes() == "true \(partitions + 1) \(partitions)")
    }

    @Test func whatAnInterruptedAttemptLeftIsMadeAnew() throws {
        let connection = database.makeConnection()
        try connection.execute("CREATE INDEX events_default_events_tried ON events_default (shard)")
        try connection.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'events_default_events_tried'::regclass")
        try IndexBuilder(connection: connection).build(index)
        let partitions = try partitions()
        #expect(try validIndexes() == "true \(partitions + 1) \(partitions)")
    }

    @Test func aWriterIsNotKeptWaiting() throws {
        // A transaction that has written holds its lock on the table to its end; the build waits for it, and
        // others go on writing.
        let writer = database.makeConnection()
        let store = database.makeStore()
        _ = try store.accept([makeEvent()], dueAfter: .zero)
        try writer.execute("BEGIN; UPDATE events SET shard = 2")
        let (database, index) = (database, index)
        try onAThreadThatWaits(in: database) {
            try IndexBuilder(connection: database.makeConnection()).build(index)
        } release: {
            _ = try store.accept([makeEvent(), makeEvent()], dueAfter: .zero)
            try writer.execute("COMMIT")
        }
        #expect(try validIndexes().hasPrefix("true"))
    }
}
