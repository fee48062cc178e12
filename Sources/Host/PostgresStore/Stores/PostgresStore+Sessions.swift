import Domain
import Ports

extension PostgresStore {
    package func createRefreshToken(
        hash: [UInt8], family: ID<Session>, user: UserRecord, expiresAt: Timestamp
    ) throws(StoreError) -> UserRecord? {
        try connection.transaction { () throws(StoreError) -> UserRecord? in
            let held = try connection.query(Self.holdSessions) { parameters in
                parameters.add(user.id)
                parameters.add(user.passwordHash)
            }.first(UserRecord.init)
            guard let held, try insertToken(hash, family, held.id, expiresAt) else { return nil }
            return held
        }
    }

    package func renewSession(refreshTokenHash hash: [UInt8], successor: [UInt8], expiresAt: Timestamp)
        throws(StoreError) -> SessionRenewal
    {
        let renewal = try connection.transaction { () throws(StoreError) -> SessionRenewal? in
            guard let user = try connection.query(Self.holdSessionsOfToken, { $0.add(hash) }).first(UserRecord.init),
                let family = try connection.query(Self.useToken, { $0.add(hash) }).first({ row throws(StoreError) in
                    try row.value(ID<Session>.self)
                }),
                try insertToken(successor, family, user.id, expiresAt)
            else { return nil }
            return .renewed(user, family: family)
        }
        if let renewal { return renewal }
        // In a transaction of its own: two that share the lock of the one before cannot both raise it.
        return try connection.transaction { () throws(StoreError) in
            try connection.query(Self.lockSessionsOfToken) { $0.add(hash) }
            // Somebody has a copy: whoever of the two is the thief, neither goes on.
            let ended = try connection.query(Self.endReusedFamily) { $0.add(hash) }
            return ended.affected > 0 ? .reused : .refused
        }
    }

    /// False: the family has been ended.
    private func insertToken(_ hash: [UInt8], _ family: ID<Session>, _ user: UserID, _ expiresAt: Timestamp)
        throws(StoreError) -> Bool
    {
        try connection.query(Self.insertToken) { parameters in
            parameters.add(hash)
            parameters.add(family)
            parameters.add(user)
            parameters.add(expiresAt)
        }.affected > 0
    }

    package func endSession(refreshTokenHash: [UInt8], user: UserID) throws(StoreError) -> Bool {
        try connection.transaction { () throws(StoreError) in
            try connection.query(Self.lockSessionsOfToken) { $0.add(refreshTokenHash) }
            return try connection.query(Self.endSession) { parameters in
                parameters.add(refreshTokenHash)
                parameters.add(user)
            }.affected > 0
        }
    }

    package func denyAccessToken(_ id: ID<AccessToken>, until: Timestamp) throws(StoreError) {
        try connection.query(Self.denyToken) { parameters in
            parameters.add(id)
            parameters.add(until)
        }
    }

    package func isAccessTokenDenied(_ id: ID<AccessToken>, of family: ID<Session>?) throws(StoreError) -> Bool {
        try connection.query(Self.isTokenDenied) { parameters in
            parameters.add(id)
            parameters.add(family)
        }.count > 0
    }

    // The user's row is the lock of all his sessions: makers of tokens share it, whoever ends a family has it alone.
    // So neither misses the other's rows. Taken by a statement of its own, because the next one sees what was
    // committed during the wait.
    private static let holdSessions = Statement(
        "sessions_hold",
        // To verify a password takes long enough for it, or for the user, to be changed meanwhile.
        """
        SELECT \(UserRecord.columns) FROM users
        WHERE id = $1 AND password_hash = $2 AND status = \(UserStatus.active.rawValue)
        FOR SHARE
        """)
    private static let holdSessionsOfToken = Statement(
        "sessions_hold_by_token",
        """
        SELECT \(UserRecord.columns) FROM users
        WHERE id = (SELECT user_id FROM refresh_tokens WHERE hash = $1) AND status = \(UserStatus.active.rawValue)
        FOR SHARE
        """)
    private static let lockSessionsOfToken = Statement(
        "sessions_lock",
        """
        SELECT id FROM users WHERE id = (SELECT user_id FROM refresh_tokens WHERE hash = $1) FOR NO KEY UPDATE
        """)

    private static let insertToken = Statement(
        "token_insert",
        """
        INSERT INTO refresh_tokens (hash, family, user_id, expires_at)
        SELECT $1, $2, $3, $4
        WHERE NOT EXISTS (SELECT FROM refresh_tokens WHERE family = $2 AND ended_at IS NOT NULL)
        """)
    private static let useToken = Statement(
        "token_use",
        """
        UPDATE refresh_tokens SET used_at = now()
        WHERE hash = $1 AND used_at IS NULL AND ended_at IS NULL AND expires_at > now()
        RETURNING family
        """)
    private static let endReusedFamily = Statement(
        "token_reused",
        """
        UPDATE refresh_tokens SET ended_at = coalesce(ended_at, now())
        WHERE family = (SELECT family FROM refresh_tokens WHERE hash = $1 AND used_at IS NOT NULL)
        """)
    private static let endSession = Statement(
        "token_end",
        """
        UPDATE refresh_tokens SET ended_at = now()
        WHERE ended_at IS NULL AND family = (
            SELECT family FROM refresh_tokens
            WHERE hash = $1 AND user_id = $2 AND used_at IS NULL AND ended_at IS NULL AND expires_at > now())
        """)
    private static let denyToken = Statement(
        "access_deny",
        """
        INSERT INTO denied_access_tokens (id, until) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET until = greatest(denied_access_tokens.until, EXCLUDED.until)
        """)
    private static let isTokenDenied = Statement(
        "access_is_denied",
        """
        SELECT FROM denied_access_tokens WHERE id = $1 AND until > now()
        UNION ALL (SELECT FROM refresh_tokens WHERE family = $2 AND ended_at IS NOT NULL LIMIT 1)
        """)
}
