import Domain

/// A way into a tenant for somebody who has no account yet. The token is kept twice: as a hash to look it up, and
/// sealed to show it again to those who may invite.
package struct InviteRecord: Sendable, Equatable {
    package var id: InviteID
    package var tenantID: TenantID
    package var sealedToken: [UInt8]
    package var targetRole: UserRole
    package var expiresAt: Timestamp
    /// Nil: it can still be used, unless it has expired.
    package var usedAt: Timestamp?
    package var createdAt: Timestamp

    package init(
        id: InviteID, tenantID: TenantID, sealedToken: [UInt8], targetRole: UserRole, expiresAt: Timestamp,
        usedAt: Timestamp?, createdAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.sealedToken = sealedToken
        self.targetRole = targetRole
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.createdAt = createdAt
    }
}

/// What became of a change to a user.
package enum UserChange: Sendable, Equatable {
    case done
    case unknown
    /// Somebody changed the user after the record was read, so nothing was written.
    case outdated
    /// It would have left the tenant without an active Owner, so nothing was changed.
    case lastOwner
}

/// What became of the wish to revoke an invite.
package enum InviteRemoval: Sendable, Equatable {
    case done
    case unknown
    /// Somebody has become a user with it.
    case used
}

/// A tenant's people and the invites for more of them.
package protocol PeopleStore {
    /// Sorts: `id`, `email`, `status`, `role`, `createdAt`, `updatedAt`.
    func users(of tenant: TenantID, role: UserRole?, status: UserStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<UserRecord>
    func owner(ofUser id: UserID) throws(StoreError) -> TenantID?
    /// Writes e-mail, password hash, role, status and `updatedAt` of the tenant's user if the first four are still
    /// those of `before`. endingSessions: all refresh tokens of the user end in the same transaction. Conflict:
    /// `users_email_key`.
    func updateUser(_ user: UserRecord, from before: UserRecord, endingSessions: Bool) throws(StoreError) -> UserChange
    /// Takes the user's refresh tokens along.
    func deleteUser(_ id: UserID, of tenant: TenantID) throws(StoreError) -> UserChange

    /// tokenHash: SHA-256 of the token.
    func createInvite(_ invite: InviteRecord, tokenHash: [UInt8]) throws(StoreError)
    /// Sorts: `id`, `targetRole`, `expiresAt`, `usedAt`, `status`, `createdAt`.
    func invites(of tenant: TenantID, status: InviteStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<InviteRecord>
    func owner(ofInvite id: InviteID) throws(StoreError) -> TenantID?
    /// Its token is worthless from then on.
    func deleteInvite(_ id: InviteID, of tenant: TenantID) throws(StoreError) -> InviteRemoval
    func invite(tokenHash: [UInt8]) throws(StoreError) -> InviteRecord?
    /// Creates the user in the invite's tenant and uses the invite up, in one transaction. False if it was used or had
    /// expired by then. Conflict: `users_email_key`, and then the invite can still be used.
    func useInvite(_ id: InviteID, for user: UserRecord, at: Timestamp) throws(StoreError) -> Bool
}
