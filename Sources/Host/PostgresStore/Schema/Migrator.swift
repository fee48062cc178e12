import Domain
import Ports

/// Brings a database's schema up to what this program knows.
package struct Migrator {
    /// Partitions are there this long ahead of the clock.
    package static let partitionsAhead = Duration.seconds(3 * 86_400)

    private let connection: PostgresConnection
    private let migrations: [Migration]

    package init(url: String) { self.init(url: url, migrations: Migration.all) }

    init(url: String, migrations: [Migration]) {
        connection = PostgresConnection(url: url, session: .migration)
        self.migrations = migrations
    }

    /// Applies what is missing, each step in its own transaction, and returns the names. Of several nodes that
    /// call at the same time, one works and the others wait.
    /// shards: fixed when the database is made; afterwards the database's own count stays.
    package func migrate(shards: Int = 16) throws(MigrationError) -> [String] {
        do throws(StoreError) {
            // Held until this connection ends, which is when this object is dropped. Whoever waited within one
            // statement would keep a snapshot meanwhile, and an index that is built concurrently waits for that to go.
            while try connection.query(Self.lock).first({ row throws(StoreError) in try row.value() }) != true {
                try connection.execute("SELECT pg_sleep(0.2)")
            }
            try history.prepare()
        } catch { throw MigrationError(error) }
        defer { connection.close() }
        let missing = try history.missing(of: migrations)
        do throws(StoreError) {
            for migration in missing { try apply(migration) }
            try fixShards(shards)
            let now = try connection.query(Self.clock).first { row throws(StoreError) in try row.value(Timestamp.self) }
            if let now { _ = try Partitions(connection: connection).ensure(from: now, to: now + Self.partitionsAhead) }
        } catch { throw MigrationError(error) }
        return missing.map(\.name)
    }

    /// The names of the steps that `migrate` would apply.
    package func pending() throws(MigrationError) -> [String] {
        defer { connection.close() }
        return try history.missing(of: migrations).map(\.name)
    }

    private var history: SchemaHistory { SchemaHistory(connection: connection) }

    private func apply(_ migration: Migration) throws(StoreError) {
        for index in migration.builds { try IndexBuilder(connection: connection).build(index) }
        try connection.patientTransaction { () throws(StoreError) in
            try connection.execute(migration.sql)
            try history.record(migration)
        }
    }

    private func fixShards(_ count: Int) throws(StoreError) {
        precondition((1...1_024).contains(count), "the shard count must be from 1 to 1,024")
        try connection.transaction { () throws(StoreError) in
            try connection.query(Self.shardCount) { $0.add(Int64(count)) }
            try connection.query(Self.shardRows)
        }
    }

    private static let lock = Statement(
        "migrate_lock", "SELECT pg_try_advisory_lock(hashtextextended('hooksentry migrate', 0))")
    private static let shardCount = Statement(
        "migrate_shard_count",
        "INSERT INTO platform_settings (name, value) VALUES ('shard_count', $1) ON CONFLICT (name) DO NOTHING")
    private static let shardRows = Statement(
        "migrate_shard_rows",
        """
        INSERT INTO shard_leases (shard)
        SELECT generate_series(0, value - 1) FROM platform_settings WHERE name = 'shard_count'
        ON CONFLICT (shard) DO NOTHING
        """)
    private static let clock = Statement("migrate_clock", "SELECT now()")
}

package enum MigrationError: Error, Equatable {
    /// The step in the database is not the one this program has under that name.
    case changed(String)
    /// The database has a step that this program does not know and that excludes such programs.
    case newerSchema(String)
    case store(StoreError)

    init(_ error: StoreError) { self = .store(error) }

    /// The database could not be reached; trying again may help.
    package var isTemporary: Bool {
        guard case .store(.unavailable) = self else { return false }
        return true
    }

    package var sentence: String {
        switch self {
        case .changed(let name):
            "migration \(name) was applied to this database in another form than this program has"
        case .newerSchema(let name):
            "the database has migration \(name), which excludes programs that do not know it; use a newer hooksentry"
        case .store(let error): error.sentence
        }
    }
}
