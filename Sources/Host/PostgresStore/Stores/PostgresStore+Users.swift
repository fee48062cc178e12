import Domain
import Ports

extension PostgresStore: UserStore {
    package func createUser(_ user: UserRecord) throws(StoreError) {
        try connection.query(Self.insertUser) { Self.add(user, to: $0) }
    }

    package func user(email: String) throws(StoreError) -> UserRecord? {
        try connection.query(Self.userByEmail) { $0.add(email) }.first(UserRecord.init)
    }

    package func user(_ id: UserID) throws(StoreError) -> UserRecord? {
        try connection.query(Self.user) { $0.add(id) }.first(UserRecord.init)
    }

    package func countAttempt(_ action: String, key: String, window: Duration) throws(StoreError)
        -> (count: Int, endsAt: Timestamp)
    {
        let counted = try connection.query(Self.countAttempt) { parameters in
            parameters.add(action)
            parameters.add(key)
            parameters.add(window.inMicroseconds)
        }.first(Self.readCount)
        guard let counted else { throw .rejected(sqlState: "02000", "the attempt counter returned nothing") }
        return counted
    }

    package func attempts(_ action: String, key: String) throws(StoreError) -> (count: Int, endsAt: Timestamp)? {
        try connection.query(Self.attemptCount) { parameters in
            parameters.add(action)
            parameters.add(key)
        }.first(Self.readCount)
    }

    package func clearAttempts(_ action: String, key: String) throws(StoreError) {
        try connection.query(Self.clearAttempts) { parameters in
            parameters.add(action)
            parameters.add(key)
        }
    }

    /// $1 to $8, in the order of `UserRecord.columns`.
    static func add(_ user: UserRecord, to parameters: Parameters) {
        parameters.add(user.id)
        parameters.add(user.tenantID)
        parameters.add(user.email)
        parameters.add(user.passwordHash)
        parameters.add(user.role.rawValue)
        parameters.add(user.status.rawValue)
        parameters.add(user.createdAt)
        parameters.add(user.updatedAt)
    }

    private static func readCount(_ row: inout Row) throws(StoreError) -> (count: Int, endsAt: Timestamp) {
        try (row.integer(), row.value())
    }
}

extension UserRecord {
    static let columns = "id, tenant_id, email, password_hash, role, status, created_at, updated_at"

    init(_ row: inout Row) throws(StoreError) {
        try self.init(
            id: row.value(), tenantID: row.value(), email: row.value(), passwordHash: row.value(), role: row.named(),
            status: row.named(), createdAt: row.value(), updatedAt: row.value())
    }
}

extension PostgresStore {
    private static let insertUser = Statement(
        "user_insert", "INSERT INTO users (\(UserRecord.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    private static let userByEmail = Statement(
        "user_by_email", "SELECT \(UserRecord.columns) FROM users WHERE email = $1")
    private static let user = Statement("user", "SELECT \(UserRecord.columns) FROM users WHERE id = $1")

    // One row lock decides, so concurrent tries are counted one by one.
    private static let countAttempt = Statement(
        "attempt_count",
        """
        INSERT INTO attempt_counters AS c (action, key, count, ends_at)
        VALUES ($1, $2, 1, now() + $3 * interval '1 microsecond')
        ON CONFLICT (action, key) DO UPDATE SET
            count = CASE WHEN c.ends_at <= now() THEN 1 ELSE c.count + 1 END,
            ends_at = CASE WHEN c.ends_at <= now() THEN EXCLUDED.ends_at ELSE c.ends_at END
        RETURNING count, ends_at
        """)
    private static let attemptCount = Statement(
        "attempt_read",
        "SELECT count, ends_at FROM attempt_counters WHERE action = $1 AND key = $2 AND ends_at > now()")
    private static let clearAttempts = Statement(
        "attempt_clear", "DELETE FROM attempt_counters WHERE action = $1 AND key = $2")
}
