import Domain
import Ports

extension PostgresStore: TenantStore {
    package func createTenant(_ tenant: TenantRecord, owner: UserRecord, sealedSecret: [UInt8]) throws(StoreError) {
        try connection.transaction { () throws(StoreError) in
            try connection.query(Self.insertTenant) { parameters in
                parameters.add(tenant.id)
                parameters.add(tenant.name)
                parameters.add(Int32(clamping: tenant.maxTrys))
                parameters.add(Int32(clamping: tenant.circuitBreakerTimer))
                parameters.add(tenant.createdAt)
                parameters.add(tenant.updatedAt)
            }
            try createUser(owner)
            try connection.query(Self.insertSecret) { parameters in
                parameters.add(tenant.id)
                parameters.add(sealedSecret)
            }
        }
    }

    package func tenant(_ id: TenantID) throws(StoreError) -> TenantRecord? {
        try connection.query(Self.tenant) { $0.add(id) }.first(TenantRecord.init)
    }

    package func updateTenant(_ id: TenantID, name: String?, maxTrys: Int?, circuitBreakerTimer: Int?)
        throws(StoreError) -> TenantRecord?
    {
        try connection.query(Self.updateTenant) { parameters in
            parameters.add(id)
            parameters.add(name)
            parameters.add(maxTrys.map { Int32(clamping: $0) })
            parameters.add(circuitBreakerTimer.map { Int32(clamping: $0) })
        }.first(TenantRecord.init)
    }

    package func webhookSecrets(of tenant: TenantID) throws(StoreError) -> [SealedSecret] {
        try connection.query(Self.secrets) { $0.add(tenant) }.map { row throws(StoreError) in
            try SealedSecret(sealed: row.value(), validUntil: row.optional())
        }
    }

    package func rotateWebhookSecret(of tenant: TenantID, sealed: [UInt8], overlap: Duration) throws(StoreError) {
        try connection.transaction { () throws(StoreError) in
            // Two rotations at the same time go one after the other.
            try connection.query(Self.lockTenant) { $0.add(tenant) }
            try connection.query(Self.retireSecrets) { parameters in
                parameters.add(tenant)
                parameters.add(overlap.inMicroseconds)
            }
            try connection.query(Self.insertSecret) { parameters in
                parameters.add(tenant)
                parameters.add(sealed)
            }
        }
    }
}

extension TenantRecord {
    fileprivate static let columns = "id, name, max_trys, circuit_breaker_timer_s, created_at, updated_at"

    fileprivate init(_ row: inout Row) throws(StoreError) {
        try self.init(
            id: row.value(), name: row.value(), maxTrys: row.integer(), circuitBreakerTimer: row.integer(),
            createdAt: row.value(), updatedAt: row.value())
    }
}

extension PostgresStore {
    private static let insertTenant = Statement(
        "tenant_insert", "INSERT INTO tenants (\(TenantRecord.columns)) VALUES ($1, $2, $3, $4, $5, $6)")
    private static let insertSecret = Statement(
        "secret_insert", "INSERT INTO webhook_secrets (tenant_id, sealed) VALUES ($1, $2)")
    private static let tenant = Statement("tenant", "SELECT \(TenantRecord.columns) FROM tenants WHERE id = $1")
    private static let updateTenant = Statement(
        "tenant_update",
        """
        UPDATE tenants SET name = coalesce($2, name), max_trys = coalesce($3, max_trys),
            circuit_breaker_timer_s = coalesce($4, circuit_breaker_timer_s), updated_at = now()
        WHERE id = $1 RETURNING \(TenantRecord.columns)
        """)
    private static let lockTenant = Statement("tenant_lock", "SELECT FROM tenants WHERE id = $1 FOR UPDATE")
    private static let secrets = Statement(
        "secrets",
        """
        SELECT sealed, valid_until FROM webhook_secrets
        WHERE tenant_id = $1 AND (valid_until IS NULL OR valid_until > now())
        ORDER BY valid_until DESC NULLS FIRST
        """)
    // The current one stays for the overlap, and what an earlier overlap kept valid ends: no more than two are valid at
    // a time, and without an overlap none of the old ones.
    private static let retireSecrets = Statement(
        "secrets_retire",
        """
        UPDATE webhook_secrets SET valid_until = CASE WHEN valid_until IS NULL
            THEN now() + $2 * interval '1 microsecond' ELSE now() END
        WHERE tenant_id = $1 AND (valid_until IS NULL OR valid_until > now())
        """)
}
