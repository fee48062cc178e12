import Domain
import Ports

extension PostgresStore: PeopleStore {
    package func users(of tenant: TenantID, role: UserRole?, status: UserStatus?, _ page: PageQuery)
        throws(StoreError) -> Page<UserRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "tenant_id = $#", tenant), .init("role", "role = $#", role?.rawValue),
            .init("status", "status = $#", status?.rawValue),
        ]
        return try Self.userList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: UserRecord.init)
    }

    package func owner(ofUser id: UserID) throws(StoreError) -> TenantID? {
        try connection.query(Self.userOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func updateUser(_ user: UserRecord, from before: UserRecord, endingSessions: Bool) throws(StoreError)
        -> UserChange
    {
        let staysOwner = user.role == .owner && user.status == .active
        return try changeUser(user.id, of: user.tenantID, staysOwner: staysOwner) { () throws(StoreError) in
            let updated = try connection.query(Self.updateUser) { parameters in
                parameters.add(user.id)
                parameters.add(user.tenantID)
                parameters.add(user.email)
                parameters.add(user.passwordHash)
                parameters.add(user.role.rawValue)
                parameters.add(user.status.rawValue)
                parameters.add(user.updatedAt)
                parameters.add(before.email)
                parameters.add(before.passwordHash)
                parameters.add(before.role.rawValue)
                parameters.add(before.status.rawValue)
            }
            guard updated.affected > 0 else { return .outdated }
            guard endingSessions else { return .done }
            // After the update, whose lock on the user's row keeps new tokens out until all is done.
            try connection.query(Self.endSessionsOfUser) { parameters in
                parameters.add(user.id)
                parameters.add(user.tenantID)
            }
            return .done
        }
    }

    package func deleteUser(_ id: UserID, of tenant: TenantID) throws(StoreError) -> UserChange {
        try changeUser(id, of: tenant, staysOwner: false) { () throws(StoreError) in
            try connection.query(Self.deleteUser) { parameters in
                parameters.add(id)
                parameters.add(tenant)
            }
            return .done
        }
    }

    /// Runs `change` in a transaction, unless it would take the tenant's last active Owner away.
    private func changeUser(
        _ id: UserID, of tenant: TenantID, staysOwner: Bool, change: () throws(StoreError) -> UserChange
    ) throws(StoreError) -> UserChange {
        try connection.transaction { () throws(StoreError) in
            // Two Owners may each demote the other at the same time: the second looks when the first is done. A
            // statement of its own, so that the look comes with a snapshot from after the wait.
            try connection.query(Self.lockPeople) { $0.add(tenant) }
            let isLastOwner = try connection.query(Self.isLastOwner) { parameters in
                parameters.add(id)
                parameters.add(tenant)
            }.first { row throws(StoreError) in try row.value(Bool.self) }
            guard let isLastOwner else { return .unknown }
            if isLastOwner && !staysOwner { return .lastOwner }
            return try change()
        }
    }

    private static let userOwner = Statement("user_owner", "SELECT tenant_id FROM users WHERE id = $1")
    // This lock lets rows that refer to the tenant be inserted meanwhile.
    private static let lockPeople = Statement(
        "people_lock", "SELECT FROM tenants WHERE id = $1 FOR NO KEY UPDATE")
    private static let isLastOwner = Statement(
        "user_is_last_owner",
        """
        SELECT role = 10 AND status = 0 AND NOT EXISTS (
            SELECT FROM users WHERE tenant_id = $2 AND role = 10 AND status = 0 AND id <> $1)
        FROM users WHERE id = $1 AND tenant_id = $2
        """)
    private static let updateUser = Statement(
        "user_update",
        """
        UPDATE users SET email = $3, password_hash = $4, role = $5, status = $6, updated_at = $7
        WHERE id = $1 AND tenant_id = $2 AND email = $8 AND password_hash = $9 AND role = $10 AND status = $11
        """)
    private static let endSessionsOfUser = Statement(
        "user_end_sessions",
        """
        UPDATE refresh_tokens SET ended_at = now()
        WHERE ended_at IS NULL AND user_id = (SELECT id FROM users WHERE id = $1 AND tenant_id = $2)
        """)
    private static let deleteUser = Statement("user_delete", "DELETE FROM users WHERE id = $1 AND tenant_id = $2")
    private static let userList = PageStatement(
        name: "users", columns: UserRecord.columns, from: "users", countFrom: "users",
        sorts: [
            "id": "id", "email": "email", "status": "status", "role": "role", "createdAt": "created_at",
            "updatedAt": "updated_at",
        ],
        tieBreaker: "id")
}
