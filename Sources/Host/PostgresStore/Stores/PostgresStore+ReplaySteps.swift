import Domain
import Ports

extension PostgresStore: ReplayStore {
    /// Events looked at in one step at most, so that a job whose filter fits few of them is not at it for long.
    private static let scannedMax = 2_000

    /// Only a filter by destination leaves out some of what the index yields.
    private static func scanned(for limit: Int, _ filter: ReplayFilter) -> Int {
        filter.destinationID == nil ? limit : min(scannedMax, max(limit * 10, 200))
    }

    package func leaseReplayJobs(_ node: NodeID, lease: Duration, limit: Int) throws(StoreError) -> [ReplayLease] {
        try connection.query(Self.lease) { parameters in
            parameters.add(node)
            parameters.add(lease.inMicroseconds)
            parameters.add(Int64(limit))
        }.map { row throws(StoreError) in try ReplayLease(job: row.value(), rate: row.integer()) }
    }

    package func replayStep(_ job: ReplayJobID, by node: NodeID, limit: Int) throws(StoreError) -> ReplayStep {
        try connection.transaction { () throws(StoreError) in
            let plan = try connection.query(Self.holdJob) { parameters in
                parameters.add(job)
                parameters.add(node)
            }.first(Plan.init)
            guard let plan else { return .notOurs }
            let scanLimit = Self.scanned(for: limit, plan.filter)
            let scanned = try look(plan, scanLimit)
            let chosen = Array(scanned.lazy.filter { plan.fits($0) }.prefix(limit))
            // Full, but not everything was looked at: the rest is for the next step.
            let last = chosen.count == limit ? chosen.last : scanned.last
            let isCompleted = scanned.count < scanLimit && last?.id == scanned.last?.id
            let replayed = try replay(chosen.map(\.id), of: plan.tenantID)
            try connection.query(Self.moveCursor) { parameters in
                parameters.add(job)
                parameters.add(last?.id ?? plan.cursor)
                parameters.add(Int64(replayed))
                parameters.add(Int64(chosen.count - replayed))
                parameters.add(isCompleted)
            }
            return isCompleted ? .completed(chosen: chosen.count) : .advanced(chosen: chosen.count)
        }
    }

    package func releaseReplayJobs(of node: NodeID) throws(StoreError) {
        try connection.query(Self.release) { $0.add(node) }
    }

    /// An event that was met.
    private struct Place {
        var id: EventID
        var destinationID: DestinationID
    }

    /// A job as a step needs it.
    private struct Plan {
        var tenantID: TenantID
        var filter: ReplayFilter
        /// The last event that was looked at.
        var cursor: EventID

        init(_ row: inout Row) throws(StoreError) {
            tenantID = try row.value()
            let statuses = try row.array(of: Int16.self).compactMap { $0.flatMap { EventStatus(rawValue: $0) } }
            filter = ReplayFilter(
                statuses: statuses, destinationID: try row.optional(), from: try row.optional(), to: try row.value())
            let events = try row.array(of: EventID.self).compactMap { $0 }
            filter.events = events.isEmpty ? nil : events
            cursor = try row.value()
        }

        /// What the index does not decide.
        func fits(_ place: Place) -> Bool {
            filter.destinationID == nil || filter.destinationID == place.destinationID
        }
    }

    /// The next events of the states in question, in the order of the index that holds them.
    private func look(_ plan: Plan, _ limit: Int) throws(StoreError) -> [Place] {
        try connection.query(plan.filter.events == nil ? Self.look : Self.lookNamed) { parameters in
            parameters.add(plan.tenantID)
            parameters.array(plan.filter.statuses) { $0.rawValue }
            parameters.add(plan.cursor)
            parameters.add(plan.filter.idAfter)
            parameters.add(plan.filter.start)
            parameters.add(plan.filter.to)
            parameters.add(Int64(limit))
            if let events = plan.filter.events { parameters.array(events) }
        }.map { row throws(StoreError) in
            try Place(id: row.value(), destinationID: row.value())
        }
    }

    /// Returns how many of them were replayed. In their order, so that two jobs never wait for each other in a circle.
    func replay(_ events: [EventID], of tenant: TenantID) throws(StoreError) -> Int {
        guard !events.isEmpty else { return 0 }
        return try connection.query(Self.replayMany) { parameters in
            parameters.array(events)
            parameters.add(tenant)
        }.map { row throws(StoreError) in try row.integer() }.reduce(0, +)
    }

    private static let lease = Statement(
        "replay_lease",
        """
        UPDATE replay_jobs j SET node_id = $1, leased_until = now() + $2 * interval '1 microsecond'
        FROM (
            SELECT id FROM replay_jobs
            WHERE status = 0 AND (node_id = $1 OR node_id IS NULL OR leased_until <= now())
            ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED) AS free
        WHERE j.id = free.id RETURNING j.id, j.rate
        """)
    private static let release = Statement(
        "replay_release", "UPDATE replay_jobs SET node_id = NULL, leased_until = NULL WHERE node_id = $1")
    private static let holdJob = Statement(
        "replay_hold",
        """
        SELECT tenant_id, event_statuses, destination_id, accepted_from, accepted_to, event_ids, cursor_id
        FROM replay_jobs WHERE id = $1 AND node_id = $2 AND status = 0 FOR UPDATE
        """)
    // One branch a state, because the index has the state before the id, and each state as a constant, because the
    // index is partial.
    private static let look = Statement(
        "replay_look",
        ReplayFilter.replayable.map { status in
            """
            (SELECT id, destination_id FROM events
            WHERE tenant_id = $1 AND status = \(status.rawValue) AND \(status.rawValue) = ANY ($2)
                AND id > $3 AND id < $4 AND accepted_at >= $5 AND accepted_at <= $6
            ORDER BY id LIMIT $7)
            """
        }.joined(separator: " UNION ALL ") + " ORDER BY id LIMIT $7")
    private static let lookNamed = Statement(
        "replay_look_named",
        """
        SELECT id, destination_id FROM events
        WHERE id = ANY ($8) AND tenant_id = $1 AND status = ANY ($2) AND id > $3 AND id < $4
            AND accepted_at >= $5 AND accepted_at <= $6
        ORDER BY id LIMIT $7
        """)
    // Looked up one by one: a join would rather read all that failed, of which the statistics may know nothing yet.
    private static let replayMany = Statement(
        "replay_many",
        """
        WITH failed AS (
            SELECT e.* FROM unnest($1) AS u (id) CROSS JOIN LATERAL (
                SELECT id, status FROM events
                WHERE id = u.id AND tenant_id = $2 AND status IN (5, 7) AND octet_length(payload) > 0
                    AND EXISTS (SELECT FROM destinations d WHERE d.id = destination_id)
                FOR UPDATE) AS e),
        replayed AS (
            UPDATE events e SET status = 0, due_at = now(), attempts_this_round = 0, delivered_at = NULL
            FROM failed f WHERE e.id = f.id
            RETURNING e.id, e.tenant_id, e.destination_id, e.accepted_at, e.delivered_at, e.status AS became,
                f.status AS was, false AS was_retrying, false AS tried),
        \(EventSeam.changed(in: "replayed"))
        SELECT count(*), pg_notify('hooksentry_changes', 'due:' || destination_id)::text
        FROM replayed GROUP BY destination_id
        """)
    private static let moveCursor = Statement(
        "replay_move",
        """
        UPDATE replay_jobs SET cursor_id = $2, replayed = replayed + $3, skipped = skipped + $4,
            updated_at = now(), status = CASE WHEN $5 THEN 2 ELSE status END,
            finished_at = CASE WHEN $5 THEN now() END
        WHERE id = $1
        """)
}
