import Domain

// Rows as the management API reads and writes them. Secrets are sealed or hashed before they get here.

package struct TenantRecord: Sendable {
    package var id: TenantID
    package var name: String
    package var maxTrys: Int
    /// Seconds.
    package var circuitBreakerTimer: Int
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: TenantID, name: String, maxTrys: Int, circuitBreakerTimer: Int, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.maxTrys = maxTrys
        self.circuitBreakerTimer = circuitBreakerTimer
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

package struct UserRecord: Sendable, Equatable {
    package var id: UserID
    package var tenantID: TenantID
    /// Trimmed, lower case.
    package var email: String
    package var passwordHash: String
    package var role: UserRole
    package var status: UserStatus
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: UserID, tenantID: TenantID, email: String, passwordHash: String, role: UserRole, status: UserStatus,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.email = email
        self.passwordHash = passwordHash
        self.role = role
        self.status = status
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

package struct APIKeyRecord: Sendable {
    package var id: APIKeyID
    package var tenantID: TenantID
    package var name: String
    package var createdAt: Timestamp
    package var revokedAt: Timestamp?

    package init(id: APIKeyID, tenantID: TenantID, name: String, createdAt: Timestamp, revokedAt: Timestamp?) {
        self.id = id
        self.tenantID = tenantID
        self.name = name
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}

package struct DestinationRecord: Sendable {
    package var id: DestinationID
    package var tenantID: TenantID
    package var url: String
    package var status: DestinationStatus
    package var serverRateLimit: Int
    /// Since when its events wait; nil: they are delivered. Changed by `pauseDestination` alone.
    package var pausedAt: Timestamp?
    /// Set when the authenticator was given in the contract's short form.
    package var authType: OutboundAuthType?
    package var authenticator: SealedPluginUse?
    package var transformers: [SealedPluginUse]
    package var retryPolicy: SealedPluginUse?
    /// Written by workers; read only here.
    package var breaker: BreakerRecord?
    /// Counts the changes of the settings, from 1; the store raises it.
    package var settingsVersion: Int64
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: DestinationID, tenantID: TenantID, url: String, status: DestinationStatus, serverRateLimit: Int,
        pausedAt: Timestamp? = nil, authType: OutboundAuthType?, authenticator: SealedPluginUse?,
        transformers: [SealedPluginUse], retryPolicy: SealedPluginUse?, breaker: BreakerRecord?,
        settingsVersion: Int64 = 1, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.url = url
        self.status = status
        self.serverRateLimit = serverRateLimit
        self.pausedAt = pausedAt
        self.authType = authType
        self.authenticator = authenticator
        self.transformers = transformers
        self.retryPolicy = retryPolicy
        self.breaker = breaker
        self.settingsVersion = settingsVersion
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

package struct SenderRecord: Sendable {
    /// The component whose settings mappings are.
    package static let mappingTransformer = "Mapping"

    package var id: SenderID
    package var tenantID: TenantID
    package var destinationID: DestinationID
    package var label: String?
    /// The mapping's JSON text as it was sent.
    package var mapping: [UInt8]?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: SenderID, tenantID: TenantID, destinationID: DestinationID, label: String?, mapping: [UInt8]?,
        createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.destinationID = destinationID
        self.label = label
        self.mapping = mapping
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

package struct EventRecord: Sendable {
    package var item: WorkItem
    package var destinationURL: String
    package var senderID: SenderID?
    package var status: EventStatus
    package var idempotencyKey: String?
    /// When the next attempt is due; nil for final events, and for those that wait for their destination to be open.
    package var nextAttemptAt: Timestamp?
    package var deliveredAt: Timestamp?
    package var mappingError: String?
    /// Its content was erased on request: what is posted always has a payload.
    package var isErased: Bool { item.payload.isEmpty }

    package init(
        item: WorkItem, destinationURL: String, senderID: SenderID?, status: EventStatus, idempotencyKey: String?,
        nextAttemptAt: Timestamp?, deliveredAt: Timestamp?, mappingError: String?
    ) {
        self.item = item
        self.destinationURL = destinationURL
        self.senderID = senderID
        self.status = status
        self.idempotencyKey = idempotencyKey
        self.nextAttemptAt = nextAttemptAt
        self.deliveredAt = deliveredAt
        self.mappingError = mappingError
    }
}

/// One page of a list. sort: one of the names the query documents; unknown ones are the caller's to refuse.
package struct PageQuery: Sendable {
    package var offset: Int
    package var limit: Int
    package var sort: String
    package var descending: Bool

    package init(offset: Int, limit: Int, sort: String, descending: Bool) {
        self.offset = offset
        self.limit = limit
        self.sort = sort
        self.descending = descending
    }
}

package struct Page<Row: Sendable>: Sendable {
    /// All matches, before paging.
    package var total: Int
    package var rows: [Row]

    package init(total: Int, rows: [Row]) {
        self.total = total
        self.rows = rows
    }
}
