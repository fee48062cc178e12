import Domain
import Ports

extension PostgresStore: APIKeyStore {
    package func createAPIKey(_ key: APIKeyRecord, hash: [UInt8]) throws(StoreError) {
        try connection.query(Self.insertKey) { parameters in
            parameters.add(key.id)
            parameters.add(key.tenantID)
            parameters.add(key.name)
            parameters.add(key.createdAt)
            parameters.add(key.revokedAt)
            parameters.add(hash)
        }
    }

    /// Sorts: `id`, `name`, `createdAt`, `revokedAt`, `isActive`.
    package func apiKeys(of tenant: TenantID, active: Bool?, _ page: PageQuery) throws(StoreError)
        -> Page<APIKeyRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "tenant_id = $#", tenant), .init("active", "(revoked_at IS NULL) = $#", active),
        ]
        return try Self.keyList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: APIKeyRecord.init)
    }

    package func owner(ofAPIKey id: APIKeyID) throws(StoreError) -> TenantID? {
        try connection.query(Self.keyOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func apiKey(_ id: APIKeyID, of tenant: TenantID) throws(StoreError) -> APIKeyRecord? {
        try connection.query(Self.key) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(APIKeyRecord.init)
    }

    package func revokeAPIKey(_ id: APIKeyID, of tenant: TenantID, at: Timestamp) throws(StoreError) -> APIKeyRecord? {
        try connection.query(Self.revokeKey) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(at)
        }.first(APIKeyRecord.init)
    }
}

extension APIKeyRecord {
    fileprivate static let columns = "id, tenant_id, name, created_at, revoked_at"

    fileprivate init(_ row: inout Row) throws(StoreError) {
        try self.init(
            id: row.value(), tenantID: row.value(), name: row.value(), createdAt: row.value(),
            revokedAt: row.optional())
    }
}

extension PostgresStore {
    private static let insertKey = Statement(
        "api_key_insert", "INSERT INTO api_keys (\(APIKeyRecord.columns), hash) VALUES ($1, $2, $3, $4, $5, $6)")
    private static let keyOwner = Statement("api_key_owner", "SELECT tenant_id FROM api_keys WHERE id = $1")
    private static let key = Statement(
        "api_key", "SELECT \(APIKeyRecord.columns) FROM api_keys WHERE id = $1 AND tenant_id = $2")
    private static let revokeKey = Statement(
        "api_key_revoke",
        """
        UPDATE api_keys SET revoked_at = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL
        RETURNING \(APIKeyRecord.columns)
        """)
    private static let keyList = PageStatement(
        name: "api_keys", columns: APIKeyRecord.columns, from: "api_keys", countFrom: "api_keys",
        sorts: [
            "id": "id", "name": "name", "createdAt": "created_at", "revokedAt": "revoked_at",
            "isActive": "(revoked_at IS NULL)",
        ],
        nullableSorts: ["revokedAt"], tieBreaker: "id")
}
