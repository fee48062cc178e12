import Domain
import Ports

extension PostgresStore {
    package func erase(_ event: EventID, of tenant: TenantID, cancelWaiting: Bool) throws(StoreError) -> Erasure {
        let outcome = try erase(Self.eraseOne, cancelWaiting) { parameters in
            parameters.add(tenant)
            parameters.add(event)
        }
        return outcome.erased > 0 ? .done : outcome.unfinished > 0 ? .unfinished : .unknown
    }

    package func eraseEvents(idempotencyKey: String, of tenant: TenantID, cancelWaiting: Bool) throws(StoreError)
        -> (erased: Int, unfinished: Int)
    {
        try erase(Self.eraseByKey, cancelWaiting) { parameters in
            parameters.add(tenant)
            parameters.add(idempotencyKey)
        }
    }

    private func erase(
        _ statement: Statement, _ cancelWaiting: Bool, add: (Parameters) -> Void
    ) throws(StoreError) -> (erased: Int, unfinished: Int) {
        let outcome = try connection.query(statement) { parameters in
            add(parameters)
            parameters.add(cancelWaiting)
        }.first { row throws(StoreError) in try (erased: row.integer(), unfinished: row.integer()) }
        return outcome ?? (0, 0)
    }

    private static let eraseOne = erasing("event_erase", "e.id = $2")
    private static let eraseByKey = erasing("events_erase", "e.idempotency_key = $2")

    /// The rows are locked first, so that what a worker settles meanwhile is seen.
    private static func erasing(_ name: String, _ condition: String) -> Statement {
        Statement(
            name,
            """
            WITH found AS (
                SELECT e.id, e.destination_id, e.due_at IS NOT NULL AS waits,
                    e.due_at IS NULL OR $3 AND e.status IN (0, 3, 4) AS may_go
                FROM events e WHERE e.tenant_id = $1 AND \(condition) FOR UPDATE),
            erased AS (
                UPDATE events e SET payload = '', idempotency_key = NULL, traceparent = '', mapping_error = NULL,
                    status = CASE WHEN e.due_at IS NULL THEN e.status ELSE 6 END, due_at = NULL
                FROM found f WHERE f.may_go AND e.id = f.id
                RETURNING e.id, e.tenant_id, e.destination_id, e.accepted_at, e.delivered_at,
                    CASE WHEN f.waits THEN e.status END AS became, NULL::smallint AS was,
                    e.attempts_this_round > 0 AS was_retrying, false AS tried),
            \(EventSeam.changed(in: "erased")),
            emptied AS (
                UPDATE attempts a SET response_body = '', request_headers = ''
                FROM erased WHERE a.event_id = erased.id)
            SELECT count(*) FILTER (WHERE may_go), count(*) FILTER (WHERE NOT may_go), (
                SELECT count(pg_notify('hooksentry_changes', 'cancelled:' || d.destination_id)::text)
                FROM (SELECT DISTINCT destination_id FROM found WHERE waits AND may_go) AS d)
            FROM found
            """)
    }
}
