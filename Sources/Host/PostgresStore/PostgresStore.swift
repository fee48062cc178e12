// PostgresStore: the truth. Implements the store's ports over libpq.
//
// Threads: a `PostgresStore` owns one `PostgresConnection` and belongs to one thread at a time; every call
// blocks. `PostgresPool` lends stores to several threads. `ChangeListener` has a connection of its own.
//
// Where things are: `Connection/` knows libpq and nothing of our tables; `Migrations/` and `Schema/` make and
// change tables; `Stores/` holds one port a file, with its SQL next to the function that runs it.

import Domain
import Ports

/// All ports of the store over one connection. Blocking; one thread at a time.
package final class PostgresStore {
    let connection: PostgresConnection
    /// How long an idempotency key is remembered.
    let idempotencyWindow: Duration

    /// Does not connect yet: the first call does.
    package init(url: String, session: PostgresSession, idempotencyWindow: Duration = Limits().idempotencyWindow) {
        connection = PostgresConnection(url: url, session: session)
        self.idempotencyWindow = idempotencyWindow
    }

    package func close() { connection.close() }

    /// The database's clock, in one round trip and without a table: also how to find out whether it answers.
    package func now() throws(StoreError) -> Timestamp {
        let now = try connection.query(Self.clockStatement).first { row throws(StoreError) in
            try row.value(Timestamp.self)
        }
        guard let now else { throw .rejected(sqlState: "02000", "the database has no clock") }
        return now
    }

    /// Fixed when the database was migrated for the first time.
    package func shardCount() throws(StoreError) -> Int16 {
        let count = try connection.query(Self.shardCountStatement).first { row throws(StoreError) in try row.integer() }
        guard let count, let exact = Int16(exactly: count) else {
            throw .rejected(sqlState: "02000", "the database has no shard count; run the migrations")
        }
        return exact
    }

    private static let clockStatement = Statement("clock", "SELECT clock_timestamp()")
    private static let shardCountStatement = Statement(
        "shard_count", "SELECT value FROM platform_settings WHERE name = 'shard_count'")
}
