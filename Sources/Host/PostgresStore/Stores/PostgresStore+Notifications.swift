import Domain
import Ports

extension PostgresStore: NotificationStore, NoticeStore {
    /// Sorts: `createdAt`, `id`, `type`, `readAt`.
    package func notifications(of tenant: TenantID, read: Bool?, _ page: PageQuery) throws(StoreError)
        -> Page<NotificationRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "tenant_id = $#", tenant),
            // Constants: the index on the unread ones is partial.
            read.map {
                $0 ? .init("read", constant: "read_at IS NOT NULL") : .init("unread", constant: "read_at IS NULL")
            },
        ]
        return try Self.notificationList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: NotificationRecord.init)
    }

    package func owner(ofNotification id: NotificationID) throws(StoreError) -> TenantID? {
        try connection.query(Self.notificationOwner) { $0.add(id) }.first { row throws(StoreError) in
            try row.value()
        }
    }

    package func notification(_ id: NotificationID, of tenant: TenantID) throws(StoreError) -> NotificationRecord? {
        try connection.query(Self.notification) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(NotificationRecord.init)
    }

    package func markRead(_ id: NotificationID, of tenant: TenantID) throws(StoreError) -> NotificationRecord? {
        try connection.query(Self.markRead) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(NotificationRecord.init)
    }

    package func markAllRead(of tenant: TenantID) throws(StoreError) -> Int {
        try connection.query(Self.markAllRead) { $0.add(tenant) }.affected
    }

    package func notify(_ notice: PlatformNotice, usersOf kind: PluginKind, plugin: String) throws(StoreError) -> Int {
        let statement =
            switch kind {
            case .authenticator: Self.notifyUsersOfAuthenticator
            case .transformer: Self.notifyUsersOfTransformer
            case .retryPolicy: Self.notifyUsersOfRetryPolicy
            }
        return try connection.query(statement) { parameters in
            parameters.add(notice.type.rawValue)
            parameters.add(notice.title)
            parameters.add(notice.body)
            parameters.add(notice.subject)
            parameters.add(plugin)
        }.count
    }
}

extension NotificationRecord {
    fileprivate static let columns = "id, tenant_id, type, title, body, destination_id, count, created_at, read_at"

    fileprivate init(_ row: inout Row) throws(StoreError) {
        try self.init(
            id: row.value(), tenantID: row.value(), type: row.value(), title: row.value(), body: row.value(),
            destinationID: row.optional(), count: row.integer(), createdAt: row.value(), readAt: row.optional())
    }
}

extension PostgresStore {
    private static let notificationOwner = Statement(
        "notification_owner", "SELECT tenant_id FROM notifications WHERE id = $1")
    private static let notification = Statement(
        "notification",
        "SELECT \(NotificationRecord.columns) FROM notifications WHERE id = $1 AND tenant_id = $2")
    private static let markRead = Statement(
        "notification_read",
        """
        UPDATE notifications SET read_at = coalesce(read_at, now()) WHERE id = $1 AND tenant_id = $2
        RETURNING \(NotificationRecord.columns)
        """)
    private static let markAllRead = Statement(
        "notifications_read", "UPDATE notifications SET read_at = now() WHERE tenant_id = $1 AND read_at IS NULL")
    private static let notificationList = PageStatement(
        name: "notifications", columns: NotificationRecord.columns, from: "notifications", countFrom: "notifications",
        sorts: ["createdAt": "created_at", "id": "id", "type": "type", "readAt": "read_at"],
        nullableSorts: ["readAt"], tieBreaker: "id")

    private static let notifyUsersOfAuthenticator = notifyUsers("authenticator", "d.authenticator = $5")
    private static let notifyUsersOfTransformer = notifyUsers("transformer", "d.transformers @> ARRAY[$5]")
    private static let notifyUsersOfRetryPolicy = notifyUsers("retry_policy", "d.retry_policy = $5")

    // In the order of tenants, so that two nodes that tell the same queue up and never deadlock.
    private static func notifyUsers(_ name: String, _ isUser: String) -> Statement {
        Statement(
            "notify_users_of_\(name)",
            """
            SELECT notify_tenant(u.tenant_id, $1, $2, $3, NULL, notification_key($1, $4))
            FROM (SELECT DISTINCT d.tenant_id FROM destinations d WHERE \(isUser) ORDER BY d.tenant_id) AS u
            """)
    }
}
