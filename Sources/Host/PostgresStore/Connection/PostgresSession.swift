import Domain

/// How a connection is set up.
package struct PostgresSession: Sendable {
    /// What the connection is for; shows in `pg_stat_activity` as `hooksentry <purpose>`.
    package var purpose: String
    /// The server cancels a statement after this; the client gives up on the server a little later. Nil: never.
    package var statementTimeout: Duration?
    private var plans: Plans

    private enum Plans {
        /// One for each statement, by index: planning anew would cost more than running it.
        case fixed
        /// One for each run, with its parameters: of the partitions, those without any of the batch's ids are left out.
        case fresh
        /// As the server thinks best.
        case free
    }

    /// For accepting, scanning for due work and leases.
    package static func hot(_ purpose: String) -> PostgresSession {
        PostgresSession(purpose: purpose, statementTimeout: .seconds(10), plans: .fixed)
    }

    /// For settling.
    package static func settling(_ purpose: String = "settle") -> PostgresSession {
        PostgresSession(purpose: purpose, statementTimeout: .seconds(10), plans: .fresh)
    }

    /// For the management API, whose lists and counts are left to the planner.
    package static func management(_ purpose: String = "management") -> PostgresSession {
        PostgresSession(purpose: purpose, statementTimeout: .seconds(30), plans: .free)
    }

    /// For schema changes, which take as long as they take.
    package static let migration = PostgresSession(purpose: "migrate", statementTimeout: nil, plans: .free)

    /// Run once after connecting, in one round trip.
    ///
    /// Payloads are compressed by lz4, if the server was built with it: PostgreSQL's own method takes half of the
    /// processor time that it has for an event of 1 MB.
    var settings: String {
        var sql = """
            SET synchronous_commit = on; SET timezone = 'UTC'; SET client_encoding = 'UTF8'; SET jit = off;
            SET client_min_messages = warning; SET idle_in_transaction_session_timeout = '60s';
            SET statement_timeout = \(statementTimeout?.inMilliseconds ?? 0);
            SELECT set_config('default_toast_compression', 'lz4', false) FROM pg_settings
            WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals);
            """
        switch plans {
        case .fixed:
            // A young partition has no statistics, and a generic plan then joins the batch to it by hashing a
            // scan of the whole table. The same batch always wants the index.
            sql += """
                SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
                SET plan_cache_mode = force_generic_plan;
                """
        case .fresh:
            // Of a small partition the planner would rather read everything, which is still a hundred times the batch.
            sql += "SET enable_seqscan = off; SET enable_mergejoin = off; SET plan_cache_mode = force_custom_plan;"
        case .free: break
        }
        return sql
    }
}
