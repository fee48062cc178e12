import Domain
import Ports

extension PostgresStore: AcceptStore {
    package func accept(_ batch: [NewEvent], dueAfter: Duration) throws(StoreError) -> [AcceptResult] {
        guard !batch.isEmpty else { return [] }
        guard batch.contains(where: { $0.idempotencyKey != nil }) else {
            try insert(batch, dueAfter)
            return [AcceptResult](repeating: .accepted, count: batch.count)
        }
        return try acceptClaimingKeys(batch, dueAfter)
    }

    private func insert(_ batch: [NewEvent], _ dueAfter: Duration) throws(StoreError) {
        do throws(StoreError) {
            try connection.query(Self.insert) { addColumns(of: batch, dueAfter, to: $0) }
        } catch .conflict {
            // Ids are unique, so this is a batch whose answer got lost the first time. Looking out for that in
            // every insert would cost each batch a tenth more.
            try connection.query(Self.insertAgain) { addColumns(of: batch, dueAfter, to: $0) }
        }
    }

    private func acceptClaimingKeys(_ batch: [NewEvent], _ dueAfter: Duration) throws(StoreError) -> [AcceptResult] {
        var results = [AcceptResult](repeating: .accepted, count: batch.count)
        var open = Array(batch.indices)
        // Mostly one round. Another is needed only for keys whose event has vanished (its partition was dropped
        // before the key expired), and each round frees those keys.
        for _ in 0..<5 {
            let accepted = try claimAndInsert(open.map { batch[$0] }, dueAfter)
            // Only a key can keep an event out; one without that was not stored now had been stored before.
            open.removeAll { batch[$0].idempotencyKey == nil || accepted.contains(batch[$0].item.eventID) }
            guard !open.isEmpty else { return results }
            let winners = try winners(of: open.map { batch[$0] })
            open.removeAll { index in
                guard let winner = winners[batch[index].item.eventID] else { return false }
                results[index] = winner
                return true
            }
            guard !open.isEmpty else { return results }
            try freeOrphanedKeys(of: open.map { batch[$0] })
        }
        throw .unavailable("idempotency keys are being fought over")
    }

    /// Claims and inserts in one statement, so that a key without its event is never seen. Returns the events that
    /// were stored.
    private func claimAndInsert(_ batch: [NewEvent], _ dueAfter: Duration) throws(StoreError) -> Set<EventID> {
        let fill = { (parameters: Parameters) in
            self.addColumns(of: batch, dueAfter, to: parameters)
            parameters.add(self.idempotencyWindow.inMicroseconds)
        }
        let rows: Rows
        do throws(StoreError) {
            rows = try connection.query(Self.claimAndInsert, fill)
        } catch .conflict {
            rows = try connection.query(Self.claimAndInsertAgain, fill)
        }
        return Set(try rows.map { row throws(StoreError) in try row.value() })
    }

    /// For each of our events that lost its key: what became of the winner. By our event's id.
    private func winners(of batch: [NewEvent]) throws(StoreError) -> [EventID: AcceptResult] {
        let found = try connection.query(Self.winners) { parameters in
            addKeys(of: batch, to: parameters)
            parameters.array(batch) { $0.item.payload }
        }.map { row throws(StoreError) in
            let own: EventID = try row.value()
            let winner: EventID = try row.value()
            let status: EventStatus = try row.named()
            let acceptedAt: Timestamp = try row.value()
            let differs: Bool = try row.value()
            // Ours: the batch is a repetition of one that had gone through.
            guard own != winner else { return (own, AcceptResult.accepted) }
            return (own, .duplicate(winner, status, acceptedAt: acceptedAt, differs: differs))
        }
        return Dictionary(found) { first, _ in first }
    }

    private func freeOrphanedKeys(of batch: [NewEvent]) throws(StoreError) {
        try connection.query(Self.freeOrphans) { addKeys(of: batch, to: $0) }
    }

    private func addKeys(of batch: [NewEvent], to parameters: Parameters) {
        parameters.array(batch) { $0.item.eventID }
        parameters.array(batch) { $0.item.tenantID }
        parameters.array(batch) { $0.idempotencyKey }
        parameters.array(batch) { $0.item.destinationID }
        parameters.array(batch) { $0.senderID }
    }

    private func addColumns(of batch: [NewEvent], _ dueAfter: Duration, to parameters: Parameters) {
        addKeys(of: batch, to: parameters)
        parameters.array(batch) { $0.shard.number }
        parameters.array(batch) { $0.item.acceptedAt }
        parameters.array(batch) { $0.item.contentType }
        parameters.array(batch) { $0.item.traceparent }
        parameters.array(batch) { $0.mappingError }
        parameters.array(batch) { $0.item.isTest }
        parameters.array(batch) { $0.item.payload }
        parameters.add(dueAfter.inMicroseconds)
    }
}

extension PostgresStore {
    private static let columns = """
        id, tenant_id, idempotency_key, destination_id, sender_id, shard, accepted_at, content_type, traceparent,
        mapping_error, is_test, payload
        """
    private static let batch = "unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS u (\(columns))"
    private static let insertion = """
        INSERT INTO events (\(columns), status, due_at)
        SELECT \(columns), 0, accepted_at + $13 * interval '1 microsecond'
        """

    private static let stored = """
        RETURNING id, tenant_id, destination_id, accepted_at),
        \(EventSeam.accepted(in: "stored"))
        """

    private static let insert = Statement(
        "accept_insert", "WITH stored AS (\(insertion) FROM \(batch) \(stored) SELECT id FROM stored LIMIT 0")
    private static let insertAgain = Statement(
        "accept_insert_again",
        """
        WITH stored AS (\(insertion) FROM \(batch) ON CONFLICT (id) DO NOTHING \(stored)
        SELECT id FROM stored LIMIT 0
        """)

    // A key counts for one ingest token: for a sender, or for a destination. The line feed, which no key can hold,
    // keeps that form apart from keys as they were written before they had a scope; those count until they expire.
    private static let scopedKey = "coalesce(u.sender_id, u.destination_id) || E'\\n' || u.idempotency_key"

    // Keys are claimed in their order, so that two nodes with the same keys queue up and never deadlock. The
    // condition is an OR on purpose: it keeps the subquery a hash table, where an AND would become a nested loop.
    private static let claim = """
        WITH claimed AS (
            INSERT INTO idempotency_keys AS k (tenant_id, key, event_id, expires_at)
            SELECT u.tenant_id, \(scopedKey), u.id, now() + $14 * interval '1 microsecond'
            FROM \(batch) WHERE u.idempotency_key IS NOT NULL AND NOT EXISTS (
                SELECT FROM idempotency_keys o
                WHERE o.tenant_id = u.tenant_id AND o.key = u.idempotency_key AND o.expires_at > now())
            ORDER BY 1, 2
            ON CONFLICT (tenant_id, key) DO UPDATE
                SET event_id = EXCLUDED.event_id, expires_at = EXCLUDED.expires_at
                WHERE k.expires_at <= now()
            RETURNING event_id),
        stored AS (
            \(insertion) FROM \(batch)
            WHERE idempotency_key IS NULL OR id IN (SELECT event_id FROM claimed)
        """
    private static let claimAndInsert = Statement("accept_claim", "\(claim) \(stored) SELECT id FROM stored")
    private static let claimAndInsertAgain = Statement(
        "accept_claim_again", "\(claim) ON CONFLICT (id) DO NOTHING \(stored) SELECT id FROM stored")

    private static let lost = """
        JOIN idempotency_keys k ON k.tenant_id = u.tenant_id
            AND k.key IN (\(scopedKey), u.idempotency_key)
        """
    private static let keys = "id, tenant_id, idempotency_key, destination_id, sender_id"
    private static let winners = Statement(
        "accept_winners",
        """
        SELECT u.id, e.id, e.status, e.accepted_at, e.payload <> u.payload
        FROM unnest($1, $2, $3, $4, $5, $6) AS u (\(keys), payload) \(lost) JOIN events e ON e.id = k.event_id
        """)
    private static let freeOrphans = Statement(
        "accept_free_orphans",
        """
        DELETE FROM idempotency_keys d USING unnest($1, $2, $3, $4, $5) AS u (\(keys)) \(lost)
        WHERE d.tenant_id = k.tenant_id AND d.key = k.key AND d.event_id = k.event_id
            AND NOT EXISTS (SELECT FROM events e WHERE e.id = k.event_id)
        """)
}
