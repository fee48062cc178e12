import Domain
import Ports

extension PostgresStore {
    package func createInvite(_ invite: InviteRecord, tokenHash: [UInt8]) throws(StoreError) {
        try connection.query(Self.insertInvite) { parameters in
            parameters.add(invite.id)
            parameters.add(invite.tenantID)
            parameters.add(invite.sealedToken)
            parameters.add(invite.targetRole.rawValue)
            parameters.add(invite.expiresAt)
            parameters.add(invite.usedAt)
            parameters.add(invite.createdAt)
            parameters.add(tokenHash)
        }
    }

    package func invites(of tenant: TenantID, status: InviteStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<InviteRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "tenant_id = $#", tenant),
            .init("used", "(used_at IS NOT NULL) = $#", status.map { $0 == .used }),
        ]
        return try Self.inviteList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: InviteRecord.init)
    }

    package func owner(ofInvite id: InviteID) throws(StoreError) -> TenantID? {
        try connection.query(Self.inviteOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func deleteInvite(_ id: InviteID, of tenant: TenantID) throws(StoreError) -> InviteRemoval {
        let deleted = try connection.query(Self.deleteInvite) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }
        if deleted.affected > 0 { return .done }
        return try owner(ofInvite: id) == tenant ? .used : .unknown
    }

    package func invite(tokenHash: [UInt8]) throws(StoreError) -> InviteRecord? {
        try connection.query(Self.inviteByToken) { $0.add(tokenHash) }.first(InviteRecord.init)
    }

    package func useInvite(_ id: InviteID, for user: UserRecord, at: Timestamp) throws(StoreError) -> Bool {
        try connection.query(Self.useInvite) { parameters in
            Self.add(user, to: parameters)
            parameters.add(id)
            parameters.add(at)
        }.affected > 0
    }
}

extension InviteRecord {
    fileprivate static let columns = "id, tenant_id, sealed_token, target_role, expires_at, used_at, created_at"

    fileprivate init(_ row: inout Row) throws(StoreError) {
        try self.init(
            id: row.value(), tenantID: row.value(), sealedToken: row.value(), targetRole: row.named(),
            expiresAt: row.value(), usedAt: row.optional(), createdAt: row.value())
    }
}

extension PostgresStore {
    private static let insertInvite = Statement(
        "invite_insert",
        "INSERT INTO invites (\(InviteRecord.columns), token_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    private static let inviteOwner = Statement("invite_owner", "SELECT tenant_id FROM invites WHERE id = $1")
    private static let deleteInvite = Statement(
        "invite_delete", "DELETE FROM invites WHERE id = $1 AND tenant_id = $2 AND used_at IS NULL")
    private static let inviteByToken = Statement(
        "invite_by_token", "SELECT \(InviteRecord.columns) FROM invites WHERE token_hash = $1")
    // The lock on the invite's row decides between two who register at once. A refused user takes the update back.
    private static let useInvite = Statement(
        "invite_use",
        """
        WITH used AS (
            UPDATE invites SET used_at = $10
            WHERE id = $9 AND tenant_id = $2 AND used_at IS NULL AND expires_at > $10
            RETURNING id)
        INSERT INTO users (\(UserRecord.columns)) SELECT $1, $2, $3, $4, $5, $6, $7, $8 FROM used
        """)
    private static let inviteList = PageStatement(
        name: "invites", columns: InviteRecord.columns, from: "invites", countFrom: "invites",
        sorts: [
            "id": "id", "targetRole": "target_role", "expiresAt": "expires_at", "usedAt": "used_at",
            "status": "(used_at IS NOT NULL)", "createdAt": "created_at",
        ],
        nullableSorts: ["usedAt"], tieBreaker: "id")
}
