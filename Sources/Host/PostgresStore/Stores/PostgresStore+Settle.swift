import Domain
import Ports

extension PostgresStore: SettlementStore {
    package func settle(_ batch: [Settlement], breakers: [BreakerRecord]) throws(StoreError) -> Set<EventID> {
        guard !batch.isEmpty || !breakers.isEmpty else { return [] }
        // The last word on each destination; one statement cannot write a row twice.
        let breakers = Array(Dictionary(breakers.map { ($0.destinationID, $0) }) { _, last in last }.values)
        let hasFailures = batch.contains { $0.disposition == .criticalFailure }
        let moved = try connection.query(hasFailures ? Self.settleFailures : Self.settle) { parameters in
            parameters.array(batch) { $0.eventID }
            parameters.array(batch) { Int32(clamping: $0.attemptsFinished) }
            parameters.array(batch) { $0.disposition.status?.rawValue }
            parameters.array(batch) { $0.disposition.dueAt }
            parameters.array(batch) { $0.disposition.deliveredAt }
            addAttempts(of: batch, to: parameters)
            parameters.array(breakers) { $0.destinationID }
            parameters.array(breakers) { $0.state.rawValue }
            parameters.array(breakers) { Int32(clamping: $0.consecutiveFailures) }
            parameters.array(breakers) { $0.nextProbeAt }
        }
        return Set(try moved.map { row throws(StoreError) in try row.value() })
    }

    package func markProcessing(_ events: [EventID]) throws(StoreError) {
        guard !events.isEmpty else { return }
        try connection.query(Self.markProcessing) { $0.array(events) }
    }

    private func addAttempts(of batch: [Settlement], to parameters: Parameters) {
        parameters.array(batch) { $0.attempt?.startedAt }
        parameters.array(batch) { $0.attempt?.duration.inMicroseconds }
        parameters.array(batch) { $0.attempt?.outcome.rawValue }
        parameters.array(batch) { ($0.attempt?.httpStatus).map { Int32(clamping: $0) } }
        parameters.array(batch) { $0.attempt?.error }
        parameters.array(batch) { $0.attempt?.responseBody }
        parameters.array(batch) { $0.attempt?.requestHeaders }
        parameters.array(batch) { ($0.attempt?.pluginChain).map(PluginStep.stored) }
    }
}

extension Settlement.Disposition {
    /// Nil: stays what it was before the attempt that did not happen.
    fileprivate var status: EventStatus? {
        switch self {
        case .succeeded: .succeeded
        case .waitingRetry: .waitingRetry
        case .criticalFailure: .criticalFailure
        case .authenticationFailed: .authenticationFailed
        case .parked: nil
        }
    }

    fileprivate var dueAt: Timestamp? {
        switch self {
        case .waitingRetry(let dueAt): dueAt
        case .parked(let dueAt): dueAt
        case .succeeded, .criticalFailure, .authenticationFailed: nil
        }
    }

    fileprivate var deliveredAt: Timestamp? {
        guard case .succeeded(let at) = self else { return nil }
        return at
    }
}

extension PostgresStore {
    // The ids are named twice: the join finds the rows, `ANY` tells the planner which partitions they are in. With a
    // month of partitions a plan for all of them costs more than a new plan for one or two; and a plan that is kept
    // while a new day's partition fills would go on taking it for empty. (Bounds on the ids do not do: the planner
    // would rather scan everything between them once than look each event up.)
    //
    // One statement is one transaction. An attempt's number follows from the guard and is not sent; whether there
    // was an attempt shows in `outcome`.
    private static let settlement = """
        WITH moved AS (
            UPDATE events e SET
                status = CASE
                    WHEN u.status IS NOT NULL THEN u.status
                    WHEN e.status <> 1 THEN e.status
                    WHEN e.attempts_this_round > 0 THEN 4
                    ELSE 0 END,
                due_at = CASE WHEN u.status IS NULL THEN coalesce(u.due_at, now()) ELSE u.due_at END,
                delivered_at = u.delivered_at,
                attempts_finished = e.attempts_finished + (u.outcome IS NOT NULL)::integer,
                attempts_this_round = e.attempts_this_round + (u.outcome IS NOT NULL)::integer
            FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS u (
                id, attempts_finished, status, due_at, delivered_at,
                started_at, duration_us, outcome, http_status, error, response_body, request_headers, plugin_chain)
            WHERE e.id = u.id AND e.id = ANY ($1) AND e.attempts_finished = u.attempts_finished
                AND \(EventRow.waits)
            RETURNING e.id, e.tenant_id, e.destination_id, e.accepted_at, e.delivered_at, e.attempts_finished,
                u.status AS became, NULL::smallint AS was, u.outcome IS NOT NULL AS tried,
                e.attempts_this_round > (u.outcome IS NOT NULL)::integer AS was_retrying,
                u.started_at, u.duration_us, u.outcome, u.http_status, u.error, u.response_body, u.request_headers,
                u.plugin_chain),
        written AS (
            INSERT INTO attempts (event_id, number, started_at, duration_us, outcome, http_status, error,
                response_body, request_headers, plugin_chain)
            SELECT id, attempts_finished, started_at, duration_us, outcome, http_status, error, response_body,
                request_headers, plugin_chain
            FROM moved WHERE outcome IS NOT NULL),
        \(EventSeam.changed(in: "moved")),
        guarded AS (
            INSERT INTO breakers (destination_id, state, consecutive_failures, next_probe_at)
            SELECT * FROM unnest($14, $15, $16, $17)
            ON CONFLICT (destination_id) DO UPDATE SET state = EXCLUDED.state,
                consecutive_failures = EXCLUDED.consecutive_failures, next_probe_at = EXCLUDED.next_probe_at)
        """

    // However many fail, they are one notification a destination and time window.
    private static let failuresTold = """
        told AS (
            INSERT INTO notifications AS n (tenant_id, type, title, body, destination_id, count, key)
            SELECT d.tenant_id, '\(NotificationType.criticalFailure.rawValue)', 'Events failed for good',
                'Events for ' || d.url || ' have used up all their attempts.', d.id, f.count,
                notification_key('\(NotificationType.criticalFailure.rawValue)', d.id::text)
            FROM (SELECT destination_id, count(*) FROM moved WHERE became = 5 GROUP BY destination_id) AS f
            JOIN destinations d ON d.id = f.destination_id ORDER BY d.id
            ON CONFLICT (tenant_id, key) DO UPDATE SET count = n.count + EXCLUDED.count, body = EXCLUDED.body,
                created_at = EXCLUDED.created_at, read_at = NULL)
        """

    private static let settle = Statement("settle", "\(settlement) SELECT id FROM moved")
    private static let settleFailures = Statement(
        "settle_failures", "\(settlement), \(failuresTold) SELECT id FROM moved")


    private static let markProcessing = Statement(
        "mark_processing",
        """
        WITH marked AS (
            UPDATE events e SET status = 1 FROM unnest($1) AS u (id)
            WHERE e.id = u.id AND e.id = ANY ($1) AND \(EventRow.waits) AND e.status <> 1
            RETURNING e.id, e.tenant_id),
        \(EventSeam.announcement("event.updated", in: "marked"))
        SELECT count(*) FROM marked
        """)
}
