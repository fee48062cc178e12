import Domain

/// A component that a destination uses. The settings document is sealed as a whole (AES-256-GCM), so the store
/// need not know which of its fields are secret.
package struct SealedPluginUse: Sendable, Equatable {
    package var plugin: String
    package var sealedSettings: [UInt8]

    package init(plugin: String, sealedSettings: [UInt8]) {
        self.plugin = plugin
        self.sealedSettings = sealedSettings
    }
}

/// A tenant's webhook secret, sealed. While two are valid, both sign.
package struct SealedSecret: Sendable, Equatable {
    package var sealed: [UInt8]
    /// Nil: the current one.
    package var validUntil: Timestamp?

    package init(sealed: [UInt8], validUntil: Timestamp?) {
        self.sealed = sealed
        self.validUntil = validUntil
    }
}

/// All that an attempt needs to know about where it goes. Read at attempt time, cached by `settingsVersion`.
package struct DestinationSettings: Sendable {
    package var id: DestinationID
    package var tenantID: TenantID
    package var url: String
    package var status: DestinationStatus
    /// Events are accepted and wait.
    package var isPaused: Bool
    /// Attempts in flight at a time (the contract's `serverRateLimit`).
    package var concurrency: Int
    /// Rises with every change; instances of plugins are cached under it.
    package var settingsVersion: Int64
    package var authenticator: SealedPluginUse?
    package var transformers: [SealedPluginUse]
    package var retryPolicy: SealedPluginUse?
    /// The tenant's `maxTrys`.
    package var attemptsMax: Int
    /// The tenant's `circuitBreakerTimer`.
    package var breakerOpenTime: Duration
    /// The current one first.
    package var secrets: [SealedSecret]
    package var breaker: BreakerRecord?

    package init(
        id: DestinationID, tenantID: TenantID, url: String, status: DestinationStatus, isPaused: Bool = false,
        concurrency: Int, settingsVersion: Int64, authenticator: SealedPluginUse?, transformers: [SealedPluginUse],
        retryPolicy: SealedPluginUse?, attemptsMax: Int, breakerOpenTime: Duration, secrets: [SealedSecret],
        breaker: BreakerRecord?
    ) {
        self.id = id
        self.tenantID = tenantID
        self.url = url
        self.status = status
        self.isPaused = isPaused
        self.concurrency = concurrency
        self.settingsVersion = settingsVersion
        self.authenticator = authenticator
        self.transformers = transformers
        self.retryPolicy = retryPolicy
        self.attemptsMax = attemptsMax
        self.breakerOpenTime = breakerOpenTime
        self.secrets = secrets
        self.breaker = breaker
    }
}

/// Who may post, and where it goes: what ingest caches.
package struct IngestTarget: Sendable, Equatable {
    package var tenantID: TenantID
    package var destinationID: DestinationID
    package var destinationStatus: DestinationStatus
    /// Set for a sender's token.
    package var senderID: SenderID?
    /// The sender's mapping as stored; nil when it has none.
    package var mapping: [UInt8]?

    package init(
        tenantID: TenantID, destinationID: DestinationID, destinationStatus: DestinationStatus, senderID: SenderID?,
        mapping: [UInt8]?
    ) {
        self.tenantID = tenantID
        self.destinationID = destinationID
        self.destinationStatus = destinationStatus
        self.senderID = senderID
        self.mapping = mapping
    }
}

/// Settings by key. Blocking.
package protocol DirectoryStore {
    /// Unknown ids are left out.
    func destinations(_ ids: [DestinationID]) throws(StoreError) -> [DestinationSettings]
    /// The tenant of an active API key. sha256: 32 bytes.
    func tenant(ofAPIKeyHash sha256: [UInt8]) throws(StoreError) -> TenantID?
    /// What an ingest token, of a destination or a sender, points at. sha256: 32 bytes.
    func target(ofTokenHash sha256: [UInt8]) throws(StoreError) -> IngestTarget?
}

/// A row that others may have cached has changed. Sent by NOTIFY in the transaction that changed it.
package enum DirectoryChange: Sendable, Equatable {
    /// Settings, status or tokens of a destination, or of one of its senders.
    case destination(DestinationID)
    /// Settings, secrets or API keys of a tenant.
    case tenant(TenantID)
    /// Events of this destination became due out of turn (replay, resume).
    case due(DestinationID)
    /// Waiting events of this destination were cancelled.
    case cancelled(DestinationID)
    /// The listener was away: forget everything.
    case everything
}
