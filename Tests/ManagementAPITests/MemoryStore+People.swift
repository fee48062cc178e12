import Domain
import Ports

extension MemoryStore {
    func users(
        of tenant: TenantID, role: UserRole?, status: UserStatus?, _ page: PageQuery
    ) throws(StoreError) -> Page<UserRecord> {
        let rows = users.values.filter {
            $0.tenantID == tenant && (role == nil || $0.role == role) && (status == nil || $0.status == status)
        }
        return try sorted(rows, page) { row in
            [
                "id": "\(row.id)", "email": row.email, "status": row.status.name, "role": row.role.name,
                "createdAt": "\(row.createdAt)", "updatedAt": "\(row.updatedAt)",
            ]
        }
    }

    func owner(ofUser id: UserID) throws(StoreError) -> TenantID? { users[id]?.tenantID }

    func updateUser(
        _ user: UserRecord, from before: UserRecord, endingSessions: Bool
    ) throws(StoreError) -> UserChange {
        beforeUserUpdate?(self)
        guard let old = users[user.id], old.tenantID == user.tenantID else { return .unknown }
        guard old.email == before.email, old.passwordHash == before.passwordHash, old.role == before.role,
            old.status == before.status
        else { return .outdated }
        if users.values.contains(where: { $0.email == user.email && $0.id != user.id }) {
            throw .conflict(constraint: "users_email_key")
        }
        users[user.id] = user
        guard hasOwner(user.tenantID) else {
            users[user.id] = old
            return .lastOwner
        }
        if endingSessions { endSessions(of: user.id) }
        return .done
    }

    func deleteUser(_ id: UserID, of tenant: TenantID) throws(StoreError) -> UserChange {
        guard let old = users[id], old.tenantID == tenant else { return .unknown }
        users[id] = nil
        guard hasOwner(tenant) else {
            users[id] = old
            return .lastOwner
        }
        endSessions(of: id)
        return .done
    }

    private func hasOwner(_ tenant: TenantID) -> Bool {
        users.values.contains { $0.tenantID == tenant && $0.role == .owner && $0.status == .active }
    }

    private func endSessions(of user: UserID) {
        for token in refreshTokens.values where token.user == user { endedFamilies.insert(token.family) }
    }

    func createInvite(_ invite: InviteRecord, tokenHash: [UInt8]) throws(StoreError) {
        invites[invite.id] = (invite, tokenHash)
    }

    func invites(
        of tenant: TenantID, status: InviteStatus?, _ page: PageQuery
    ) throws(StoreError) -> Page<InviteRecord> {
        let rows = invites.values.map(\.record).filter {
            $0.tenantID == tenant && (status == nil || ($0.usedAt == nil ? .pending : .used) == status)
        }
        return try sorted(rows, page) { row in
            [
                "id": "\(row.id)", "targetRole": row.targetRole.name, "expiresAt": "\(row.expiresAt)",
                "usedAt": row.usedAt.map { "\($0)" } ?? "", "status": row.usedAt == nil ? "0" : "1",
                "createdAt": "\(row.createdAt)",
            ]
        }
    }

    func owner(ofInvite id: InviteID) throws(StoreError) -> TenantID? { invites[id]?.record.tenantID }

    func deleteInvite(_ id: InviteID, of tenant: TenantID) throws(StoreError) -> InviteRemoval {
        guard let invite = invites[id]?.record, invite.tenantID == tenant else { return .unknown }
        guard invite.usedAt == nil else { return .used }
        invites[id] = nil
        return .done
    }

    func invite(tokenHash: [UInt8]) throws(StoreError) -> InviteRecord? {
        invites.values.first { $0.hash == tokenHash }?.record
    }

    func useInvite(_ id: InviteID, for user: UserRecord, at: Timestamp) throws(StoreError) -> Bool {
        guard let invite = invites[id]?.record, invite.usedAt == nil, invite.expiresAt > at else { return false }
        try createUser(user)
        invites[id]?.record.usedAt = at
        return true
    }
}
