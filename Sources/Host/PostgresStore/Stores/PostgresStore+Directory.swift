import Domain
import Ports

extension PostgresStore: DirectoryStore {
    package func destinations(_ ids: [DestinationID]) throws(StoreError) -> [DestinationSettings] {
        guard !ids.isEmpty else { return [] }
        return try connection.query(Self.settings) { $0.array(ids) }.map(DestinationSettings.init)
    }

    package func tenant(ofAPIKeyHash sha256: [UInt8]) throws(StoreError) -> TenantID? {
        try connection.query(Self.tenantOfKey) { $0.add(sha256) }.first { row throws(StoreError) in try row.value() }
    }

    package func target(ofTokenHash sha256: [UInt8]) throws(StoreError) -> IngestTarget? {
        try connection.query(Self.target) { $0.add(sha256) }.first { row throws(StoreError) in
            try IngestTarget(
                tenantID: row.value(), destinationID: row.value(), destinationStatus: row.named(),
                senderID: row.optional(), mapping: row.optional())
        }
    }

    private static let settings = Statement(
        "directory_settings",
        """
        SELECT d.id, d.tenant_id, d.url, d.status, d.paused_at IS NOT NULL, d.concurrency, d.settings_version,
            t.max_trys, t.circuit_breaker_timer_s, s.sealed, s.valid_until,
            \(PluginUseColumns.sql), \(BreakerRecord.columns)
        FROM unnest($1) AS u (id)
        JOIN destinations d ON d.id = u.id
        JOIN tenants t ON t.id = d.tenant_id
        LEFT JOIN breakers b ON b.destination_id = d.id
        CROSS JOIN LATERAL (
            SELECT array_agg(w.sealed ORDER BY w.valid_until DESC NULLS FIRST) AS sealed,
                array_agg(w.valid_until ORDER BY w.valid_until DESC NULLS FIRST) AS valid_until
            FROM webhook_secrets w
            WHERE w.tenant_id = d.tenant_id AND (w.valid_until IS NULL OR w.valid_until > now())) AS s
        """)
    private static let tenantOfKey = Statement(
        "directory_key", "SELECT tenant_id FROM api_keys WHERE hash = $1 AND revoked_at IS NULL")
    private static let target = Statement(
        "directory_target",
        """
        SELECT d.tenant_id, d.id, d.status, NULL::uuid, NULL::bytea FROM destinations d WHERE d.token_hash = $1
        UNION ALL
        SELECT d.tenant_id, d.id, d.status, s.id, s.mapping
        FROM senders s JOIN destinations d ON d.id = s.destination_id WHERE s.token_hash = $1
        """)
}

extension DestinationSettings {
    fileprivate init(_ row: inout Row) throws(StoreError) {
        let id: DestinationID = try row.value()
        let tenantID: TenantID = try row.value()
        let url: String = try row.value()
        let status: DestinationStatus = try row.named()
        let isPaused: Bool = try row.value()
        let concurrency = try row.integer()
        let version: Int64 = try row.value()
        let attemptsMax = try row.integer()
        let breakerOpenTime = Duration.seconds(try row.integer())
        let sealed = try row.array(of: [UInt8].self)
        let secrets = zip(sealed, try row.array(of: Timestamp.self)).map { sealed, validUntil in
            SealedSecret(sealed: sealed ?? [], validUntil: validUntil)
        }
        let plugins = try PluginUseColumns(&row)
        self.init(
            id: id, tenantID: tenantID, url: url, status: status, isPaused: isPaused, concurrency: concurrency,
            settingsVersion: version, authenticator: plugins.authenticator, transformers: plugins.transformers,
            retryPolicy: plugins.retryPolicy, attemptsMax: attemptsMax, breakerOpenTime: breakerOpenTime,
            secrets: secrets, breaker: try BreakerRecord.read(&row, of: id))
    }
}
