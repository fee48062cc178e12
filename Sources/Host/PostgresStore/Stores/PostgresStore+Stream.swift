import Domain
import Ports

extension PostgresStore: StreamStore {
    package func keepEntries(of tenants: [TenantID], memory: Duration) throws(StoreError) {
        guard !tenants.isEmpty else { return }
        try connection.query(Self.keepEntries) { parameters in
            // In one order on every node, so that two of them queue up and never deadlock.
            parameters.array(tenants.sorted())
            parameters.add(memory.inMicroseconds)
        }
    }

    package func streamHorizon() throws(StoreError) -> StreamHorizon {
        let horizon = try connection.query(Self.horizon).first { row throws(StoreError) in
            try StreamHorizon(oldestRunning: row.value(), next: row.value())
        }
        guard let horizon else { throw .rejected(sqlState: "02000", "the database has no snapshot") }
        return horizon
    }

    package func entries(after cursors: [StreamCursor], limit: Int) throws(StoreError) -> [StreamPage] {
        guard !cursors.isEmpty else { return [] }
        var pages = [StreamPage](repeating: StreamPage(entries: [], isComplete: false), count: cursors.count)
        let rows = try connection.query(Self.entries) { parameters in
            parameters.array(cursors) { $0.tenantID }
            parameters.array(cursors) { $0.position.transaction }
            parameters.array(cursors) { $0.position.entry }
            parameters.add(Int64(limit))
        }
        // A page without entries is one row all the same, which says whether it is complete.
        for (index, isComplete, entry) in try rows.map(Self.readEntry) {
            pages[index].isComplete = isComplete
            if let entry { pages[index].entries.append(entry) }
        }
        return pages
    }

    private static func readEntry(_ row: inout Row) throws(StoreError) -> (Int, Bool, StreamEntry?) {
        let cursor = try row.integer() - 1
        let isComplete: Bool = try row.value()
        guard let transaction: Int64 = try row.optional() else { return (cursor, isComplete, nil) }
        let entry = try StreamEntry(
            position: StreamPosition(transaction: transaction, entry: row.value()), type: row.value(),
            subject: row.value())
        return (cursor, isComplete, entry)
    }

    package func createStreamTicket(hash: [UInt8], for listener: StreamListener, expiresAt: Timestamp)
        throws(StoreError)
    {
        try connection.query(Self.createTicket) { parameters in
            parameters.add(hash)
            parameters.add(expiresAt)
            parameters.add(listener.tokenID)
            parameters.add(listener.tokenExpiresAt)
            parameters.add(listener.sessionID)
            parameters.add(listener.userID)
            parameters.add(listener.tenantID)
            parameters.add(listener.role.rawValue)
            parameters.add(listener.email)
        }
    }

    package func useStreamTicket(hash: [UInt8]) throws(StoreError) -> StreamListener? {
        try connection.query(Self.useTicket) { $0.add(hash) }.first { row throws(StoreError) in
            try StreamListener(
                tokenID: row.value(), tokenExpiresAt: row.value(), sessionID: row.optional(), userID: row.value(),
                tenantID: row.value(), role: row.named(), email: row.value())
        }
    }

    package func endedTokens(of listeners: [StreamListener]) throws(StoreError) -> Set<ID<AccessToken>> {
        guard !listeners.isEmpty else { return [] }
        let ended = try connection.query(Self.endedTokens) { parameters in
            parameters.array(listeners) { $0.tokenID }
            parameters.array(listeners) { $0.userID }
            parameters.array(listeners) { $0.tenantID }
            parameters.array(listeners) { $0.sessionID }
        }
        return Set(try ended.map { row throws(StoreError) in try row.value() })
    }
}

extension PostgresStore {
    // A row that is there stays as it is but for its end: what it says of the entries before remains true.
    private static let keepEntries = Statement(
        "stream_keep",
        """
        INSERT INTO stream_interests AS i (tenant_id, until)
        SELECT t.id, now() + $2 * interval '1 microsecond' FROM unnest($1) WITH ORDINALITY AS u (id, place)
        JOIN tenants t ON t.id = u.id ORDER BY u.place
        ON CONFLICT (tenant_id) DO UPDATE SET until = greatest(i.until, EXCLUDED.until)
        """)
    private static let oldestRunning = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    private static let horizon = Statement(
        "stream_horizon", "SELECT \(oldestRunning), pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
    // A position beyond what has begun comes from another database, or from before this one was restored.
    private static let entries = Statement(
        "stream_entries",
        """
        SELECT c.number, coalesce(
                (c.transaction, c.entry) >= (i.kept_after_transaction, i.kept_after_entry)
                AND c.transaction <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint, false),
            e.transaction, e.entry, e.type, e.subject_id
        FROM unnest($1, $2, $3) WITH ORDINALITY AS c (tenant_id, transaction, entry, number)
        LEFT JOIN stream_interests i ON i.tenant_id = c.tenant_id
        LEFT JOIN LATERAL (
            SELECT * FROM stream_entries e
            WHERE e.tenant_id = c.tenant_id AND (e.transaction, e.entry) > (c.transaction, c.entry)
                AND e.transaction < \(oldestRunning)
            ORDER BY e.transaction, e.entry LIMIT $4) AS e ON true
        ORDER BY c.number, e.transaction, e.entry
        """)
    private static let ticketColumns = "token_id, token_expires_at, session_id, user_id, tenant_id, role, email"
    private static let createTicket = Statement(
        "stream_ticket",
        """
        INSERT INTO stream_tickets (hash, expires_at, \(ticketColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """)
    private static let useTicket = Statement(
        "stream_ticket_use",
        "DELETE FROM stream_tickets WHERE hash = $1 AND expires_at > now() RETURNING \(ticketColumns)")
    private static let endedTokens = Statement(
        "stream_ended_tokens",
        """
        SELECT u.token_id FROM unnest($1, $2, $3, $4) AS u (token_id, user_id, tenant_id, session_id)
        WHERE EXISTS (SELECT FROM denied_access_tokens d WHERE d.id = u.token_id AND d.until > now())
            OR EXISTS (SELECT FROM refresh_tokens f WHERE f.family = u.session_id AND f.ended_at IS NOT NULL)
            OR NOT EXISTS (
                SELECT FROM users p WHERE p.id = u.user_id AND p.tenant_id = u.tenant_id AND p.status = 0)
        """)
}
