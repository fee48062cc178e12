import Domain

/// What a notification is about; the contract leaves the words open.
package enum NotificationType: String, CaseIterable, Sendable {
    case breakerOpened = "breaker_opened"
    case breakerRecovered = "breaker_recovered"
    case ingestTokenRotated = "ingest_token_rotated"
    case webhookSecretRotated = "webhook_secret_rotated"
    case apiKeyRevoked = "api_key_revoked"
    case criticalFailure = "event_critical_failure"
    case queuePurged = "queue_purged"
    case pluginQuarantined = "plugin_quarantined"
    case pluginRecovered = "plugin_recovered"
}

package struct NotificationRecord: Sendable, Equatable {
    package var id: NotificationID
    package var tenantID: TenantID
    /// The raw value of a `NotificationType`, or a word of a newer version.
    package var type: String
    package var title: String
    package var body: String
    package var destinationID: DestinationID?
    /// How often it came within the window in which it is told once.
    package var count: Int
    /// When it came last.
    package var createdAt: Timestamp
    /// Nil: unread.
    package var readAt: Timestamp?

    package init(
        id: NotificationID, tenantID: TenantID, type: String, title: String, body: String,
        destinationID: DestinationID?, count: Int, createdAt: Timestamp, readAt: Timestamp?
    ) {
        self.id = id
        self.tenantID = tenantID
        self.type = type
        self.title = title
        self.body = body
        self.destinationID = destinationID
        self.count = count
        self.createdAt = createdAt
        self.readAt = readAt
    }
}

/// What a tenant's people are to hear of. The contract's seven kinds are written by the store itself, in the
/// transactions that make them so.
package protocol NotificationStore {
    /// Sorts: `createdAt`, `id`, `type`, `readAt`.
    func notifications(of tenant: TenantID, read: Bool?, _ page: PageQuery) throws(StoreError)
        -> Page<NotificationRecord>
    func owner(ofNotification id: NotificationID) throws(StoreError) -> TenantID?
    func notification(_ id: NotificationID, of tenant: TenantID) throws(StoreError) -> NotificationRecord?
    /// Nil: no such notification. One that is read already keeps its time.
    func markRead(_ id: NotificationID, of tenant: TenantID) throws(StoreError) -> NotificationRecord?
    /// How many were unread.
    func markAllRead(of tenant: TenantID) throws(StoreError) -> Int
}

/// Something that the platform has to tell tenants by itself.
package struct PlatformNotice: Sendable {
    package var type: NotificationType
    package var title: String
    /// A sentence for the tenant's people: no secret, nothing of other tenants.
    package var body: String
    /// What it is about; notices of the same type and subject within the window are counted on one notification.
    package var subject: String

    package init(type: NotificationType, title: String, body: String, subject: String) {
        self.type = type
        self.title = title
        self.body = body
        self.subject = subject
    }
}

/// Tells tenants of what befell the platform. Blocking.
package protocol NoticeStore {
    /// Every tenant that has a destination with this component. Returns how many. Safe to repeat.
    func notify(_ notice: PlatformNotice, usersOf kind: PluginKind, plugin: String) throws(StoreError) -> Int
}
