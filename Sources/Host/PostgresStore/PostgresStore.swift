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

    /// Cheap: one round trip, no table.
    package func ping() throws(StoreError) { try connection.query(Self.pingStatement) }

    /// Fixed when the database was migrated for the first time.
    package func shardCount() throws(StoreError) -> Int16 {
        let count = try connection.query(Self.shardCountStatement).first { row throws(StoreError) in try row.integer() }
        guard let count, let exact = Int16(exactly: count) else {
            throw .rejected(sqlState: "02000", "the database has no shard count; run the migrations")
        }
        return exact
    }

    private static let pingStatement = Statement("ping", "SELECT 1")
    private static let shardCountStatement = Statement(
        "shard_count", "SELECT value FROM platform_settings WHERE name = 'shard_count'")
}
