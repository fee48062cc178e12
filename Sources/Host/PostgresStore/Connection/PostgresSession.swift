import Domain

/// How a connection is set up.
package struct PostgresSession: Sendable {
    /// What the connection is for; shows in `pg_stat_activity` as `hooksentry <purpose>`.
    package var purpose: String
    /// The server cancels a statement after this; the client gives up on the server a little later. Nil: never.
    package var statementTimeout: Duration?
    /// Plans are fixed for batches that look rows up by id.
    private var looksUpByID: Bool

    /// For accepting, settling, scanning for due work and leases.
    package static func hot(_ purpose: String) -> PostgresSession {
        PostgresSession(purpose: purpose, statementTimeout: .seconds(10), looksUpByID: true)
    }

    /// For the management API, whose lists and counts are left to the planner.
    package static func management(_ purpose: String = "management") -> PostgresSession {
        PostgresSession(purpose: purpose, statementTimeout: .seconds(30), looksUpByID: false)
    }

    /// For schema changes, which take as long as they take.
    package static let migration = PostgresSession(purpose: "migrate", statementTimeout: nil, looksUpByID: false)

    /// Run once after connecting, in one round trip.
    var settings: String {
        var sql = """
            SET synchronous_commit = on; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; SET jit = off;
            SET client_min_messages = warning; SET idle_in_transaction_session_timeout = '60s';
            SET statement_timeout = \(statementTimeout?.inMilliseconds ?? 0);
            """
        if looksUpByID {
            // A young partition has no statistics, and a generic plan then joins the batch to it by hashing a
            // scan of the whole table. The same batch always wants the index; planning it anew each time would
            // cost more than running it.
            sql += """
                SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
                SET plan_cache_mode = force_generic_plan;
                """
        }
        return sql
    }
}
