import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Migrations", .needsPostgres)
struct MigratorTests {
    let database: TestDatabase
    private let names = Migration.all.map(\.name)

    init() throws { database = try TestDatabase(migrated: false) }

    @Test func areAppliedOnceAndInOrder() throws {
        #expect(try Migrator(url: database.url).pending() == names)
        #expect(try Migrator(url: database.url).migrate() == names)
        #expect(try Migrator(url: database.url).pending() == [])
        #expect(try Migrator(url: database.url).migrate() == [])
        let applied = try database.makeConnection().text(
            "SELECT string_agg(name, ' ' ORDER BY applied_at, name) FROM schema_migrations")
        #expect(applied == names.joined(separator: " "))
    }

    @Test func severalNodesMayMigrateAtOnce() throws {
        let url = database.url
        let applied = try inParallel(4) { _ in try Migrator(url: url).migrate() }
        #expect(applied.filter { $0 == names }.count == 1)
        #expect(applied.filter { $0.isEmpty }.count == 3)
    }

    @Test func aChangedStepIsRefusedByName() throws {
        _ = try Migrator(url: database.url).migrate()
        let changed = Migration.all.dropLast() + [Migration(name: names.last!, sql: "SELECT 1")]
        let migrator = Migrator(url: database.url, migrations: Array(changed))
        #expect(throws: MigrationError.changed(names.last!)) { try migrator.migrate() }
        #expect(throws: MigrationError.changed(names.last!)) { try migrator.pending() }
    }

    @Test func aNewerSchemaServesAnOlderProgramUnlessItSaysOtherwise() throws {
        let expanding = Migration(name: "9998_expand", sql: "ALTER TABLE events ADD COLUMN future text")
        let contracting = Migration(
            name: "9999_contract", sql: "ALTER TABLE events DROP COLUMN future", excludesOlder: true)
        _ = try Migrator(url: database.url, migrations: Migration.all + [expanding]).migrate()
        #expect(try Migrator(url: database.url).pending() == [])
        #expect(try Migrator(url: database.url).migrate() == [])
        _ = try Migrator(url: database.url, migrations: Migration.all + [expanding, contracting]).migrate()
        #expect(throws: MigrationError.newerSchema("9999_contract")) { try Migrator(url: database.url).pending() }
        #expect(throws: MigrationError.newerSchema("9999_contract")) { try Migrator(url: database.url).migrate() }
    }

    @Test func aHistoryOfAnEarlyVersionCanBeRead() throws {
        _ = try Migrator(url: database.url).migrate()
        try database.makeConnection().execute("ALTER TABLE schema_migrations DROP COLUMN excludes_older")
        #expect(try Migrator(url: database.url).pending() == [])
        #expect(try Migrator(url: database.url).migrate() == [])
    }

    @Test func aStepThatFailsLeavesNothingBehind() throws {
        let bad = Migration(name: "9999_bad", sql: "CREATE TABLE half (n integer); SELECT 1 / 0;")
        #expect(throws: MigrationError.store(.rejected(sqlState: "22012", "division by zero"))) {
            try Migrator(url: database.url, migrations: Migration.all + [bad]).migrate()
        }
        let connection = database.makeConnection()
        #expect(try connection.text("SELECT to_regclass('half') IS NULL") == "true")
        #expect(try Migrator(url: database.url).pending() == [])
    }

    @Test func theShardCountIsFixedByTheFirst() throws {
        _ = try Migrator(url: database.url).migrate(shards: 5)
        _ = try Migrator(url: database.url).migrate(shards: 64)
        #expect(try database.makeStore().shardCount() == 5)
        #expect(try database.makeConnection().text("SELECT count(*) FROM shard_leases") == "5")
    }

    @Test func theSchemaKnowsExactlyTheStatesOfAnEvent() throws {
        _ = try Migrator(url: database.url).migrate()
        let connection = database.makeConnection()
        func numbers(_ constraint: String) throws -> String {
            try connection.text(
                """
                SELECT string_agg(n[1], ',') FROM pg_constraint,
                regexp_matches(pg_get_constraintdef(oid), '\\d+', 'g') AS n
                WHERE conname = '\(constraint)' AND conrelid = 'events'::regclass
                """)
        }
        func list(_ states: [EventStatus]) -> String { states.map { "\($0.rawValue)" }.joined(separator: ",") }
        #expect(try numbers("events_status_check") == list(EventStatus.allCases))
        #expect(try numbers("events_due_check") == list(EventStatus.allCases.filter(\.isFinal)))
    }
}
