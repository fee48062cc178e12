import Domain
import Ports
import Synchronization
import TestSupport
import Testing

@testable import PostgresStore

/// The bound that docs/operators/upgrading.md states: a statement that waits longer for a lock fails here.
private let bound = "1s"

@Suite("Migrations while events come in", .needsPostgres)
struct WriterPeaceTests {
    /// The tables of the hot path as the first version had them; what came later has to leave their writers in peace.
    private let first = Array(Migration.all.prefix { $0.name < "0007" })
    private let database: TestDatabase

    init() throws { database = try TestDatabase(migrated: false) }

    @Test func noStepKeepsThemWaitingOnAHundredThousandEvents() throws {
        let database = database
        _ = try Migrator(url: database.url, migrations: first).migrate()
        try database.makeConnection().execute(
            """
            INSERT INTO events (accepted_at, due_at, shard, status, id, tenant_id, destination_id, content_type,
                traceparent, payload)
            SELECT now(), CASE WHEN n % 10 = 0 THEN now() END, n % 16, CASE WHEN n % 10 = 0 THEN 0 ELSE 2 END,
                gen_random_uuid(), md5((n % 7)::text)::uuid, md5((n % 70)::text)::uuid, 'application/json', '',
                convert_to('{"seq":' || n || '}', 'UTF8')
            FROM generate_series(1, 100000) n
            """)
        let applied = try whileEventsAreWritten { try Migrator(url: database.url).migrate() }
        #expect(applied == Migration.all.dropFirst(first.count).map(\.name))
    }

    @Test func aStepThatHasToWaitForALongReaderKeepsNobodyWaitingBehindIt() throws {
        let database = database
        _ = try Migrator(url: database.url).migrate()
        let step = Migration(name: "9999_column", sql: "ALTER TABLE events ADD COLUMN future text")
        let applied = try whileEventsAreWritten {
            let reader = database.makeConnection()
            try reader.execute("BEGIN; SELECT count(*) FROM events")
            let watcher = database.makeConnection()
            return try onAThreadThatWaits(in: database) {
                try Migrator(url: database.url, migrations: Migration.all + [step]).migrate()
            } release: {
                // It reads on until the step has given up more than once.
                var tries: Set<String> = [""]
                let waiting = """
                    SELECT coalesce(max(xact_start)::text, '') FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                    AND datname = current_database() AND query ~ 'ADD COLUMN future' AND pid <> pg_backend_pid()
                    """
                let hasTriedAgain = try eventually {
                    tries.insert(try watcher.text(waiting))
                    return tries.count > 3
                }
                #expect(hasTriedAgain)
                try reader.execute("ROLLBACK")
            }
        }
        #expect(applied == ["9999_column"])
    }

    /// Accepts and settles events as fast as it can until the body has returned.
    private func whileEventsAreWritten(_ body: @escaping @Sendable () throws -> [String]) throws -> [String] {
        let isOver = Flag()
        let database = database
        let results = try inParallel(2) { thread in
            if thread == 0 {
                defer { isOver.isSet.store(true, ordering: .releasing) }
                return try body()
            }
            let writer = database.makeConnection()
            try writer.execute("SET lock_timeout = '\(bound)'")
            var written = 0
            while !isOver.isSet.load(ordering: .acquiring) {
                let id: EventID = makeID()
                try writer.execute(
                    """
                    INSERT INTO events (accepted_at, due_at, shard, status, id, tenant_id, destination_id,
                        content_type, traceparent, payload)
                    VALUES (now(), now(), 1, 0, '\(id)', gen_random_uuid(), gen_random_uuid(), 'application/json', '',
                        '{}')
                    """)
                try writer.execute("UPDATE events SET status = 2, due_at = NULL WHERE id = '\(id)'")
                written += 1
            }
            return ["\(written)"]
        }
        #expect(results[1] != ["0"])
        return results[0]
    }
}

private final class Flag: Sendable {
    let isSet = Atomic(false)
}
