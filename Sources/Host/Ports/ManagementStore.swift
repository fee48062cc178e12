import Domain

/// Everything the management API asks of the store. Blocking; one object a thread.
///
/// Each method that takes a tenant has it in its SQL predicate: a row of another tenant is not found. Where the
/// contract tells "unknown" from "somebody else's" (404 and 403), `owner` answers that and nothing more.
package protocol ManagementStore:
    TenantStore, UserStore, PeopleStore, APIKeyStore, DestinationStore, SenderStore, EventStore,
    NotificationStore, StreamStore, EventCountStore, ReplayJobStore
{}

package protocol TenantStore {
    /// Tenant, its first user and its first webhook secret, in one transaction. Conflicts: `tenants_name_key`,
    /// `users_email_key`.
    func createTenant(_ tenant: TenantRecord, owner: UserRecord, sealedSecret: [UInt8]) throws(StoreError)
    func tenant(_ id: TenantID) throws(StoreError) -> TenantRecord?
    /// Nil fields stay. Nil result: no such tenant. Conflict: `tenants_name_key`.
    func updateTenant(_ id: TenantID, name: String?, maxTrys: Int?, circuitBreakerTimer: Int?) throws(StoreError)
        -> TenantRecord?
    /// Those still valid, the current one first.
    func webhookSecrets(of tenant: TenantID) throws(StoreError) -> [SealedSecret]
    /// The new one becomes current; the one before stays valid for `overlap` (zero: not at all). All others end.
    func rotateWebhookSecret(of tenant: TenantID, sealed: [UInt8], overlap: Duration) throws(StoreError)
}

package protocol UserStore {
    /// Conflict: `users_email_key`.
    func createUser(_ user: UserRecord) throws(StoreError)
    func user(email: String) throws(StoreError) -> UserRecord?
    func user(_ id: UserID) throws(StoreError) -> UserRecord?

    /// Counts one try against a limit, atomically, in a fixed window that starts with the first try. Returns the
    /// count in the current window, this one included, and when the window ends.
    func countAttempt(_ action: String, key: String, window: Duration) throws(StoreError)
        -> (count: Int, endsAt: Timestamp)
    /// The count in the current window without adding to it.
    func attempts(_ action: String, key: String) throws(StoreError) -> (count: Int, endsAt: Timestamp)?
    func clearAttempts(_ action: String, key: String) throws(StoreError)

    /// A refresh token's family lives from login to logout; each token of it can be used once.
    ///
    /// user: as he was when his password was verified. Returns him as he is by now; nil, and no token is made, if the
    /// family has been ended, or if by now he is gone, not active, or has another password.
    func createRefreshToken(
        hash: [UInt8], family: ID<Session>, user: UserRecord, expiresAt: Timestamp
    ) throws(StoreError) -> UserRecord?
    /// Uses a token up and makes its successor, both or neither. Reuse of a used one ends its whole family.
    func renewSession(refreshTokenHash: [UInt8], successor: [UInt8], expiresAt: Timestamp) throws(StoreError)
        -> SessionRenewal
    /// Ends the family of this token if it belongs to this user. False otherwise.
    func endSession(refreshTokenHash: [UInt8], user: UserID) throws(StoreError) -> Bool
    /// Denies an access token by its id until it expires by itself.
    func denyAccessToken(_ id: ID<AccessToken>, until: Timestamp) throws(StoreError)
    /// Whether it was denied by its id, or its family has been ended. Nil: a token that names none.
    func isAccessTokenDenied(_ id: ID<AccessToken>, of family: ID<Session>?) throws(StoreError) -> Bool
}

package enum Session {}
package enum AccessToken {}

package enum SessionRenewal: Sendable, Equatable {
    /// The user as he is now.
    case renewed(UserRecord, family: ID<Session>)
    /// There is no such token, it has expired or its family has been ended, or the user is not active.
    case refused
    /// Used before: the family has been ended.
    case reused
}

package protocol APIKeyStore {
    func createAPIKey(_ key: APIKeyRecord, hash: [UInt8]) throws(StoreError)
    func apiKeys(of tenant: TenantID, active: Bool?, _ page: PageQuery) throws(StoreError) -> Page<APIKeyRecord>
    func owner(ofAPIKey id: APIKeyID) throws(StoreError) -> TenantID?
    /// Nil if unknown or already revoked.
    func revokeAPIKey(_ id: APIKeyID, of tenant: TenantID, at: Timestamp) throws(StoreError) -> APIKeyRecord?
}

/// What became of a change to a destination.
package enum DestinationChange: Sendable, Equatable {
    case done
    case unknown
    /// Somebody changed it after the record was read, so nothing was written.
    case outdated
}

/// What became of the wish to delete a destination.
package enum DestinationRemoval: Sendable, Equatable {
    case done
    case unknown
    /// Not done, because events wait for it.
    case hasWaitingEvents
}

package protocol DestinationStore {
    /// tokenHash: SHA-256 of the ingest token.
    func createDestination(_ destination: DestinationRecord, shard: Shard, tokenHash: [UInt8]) throws(StoreError)
    func owner(ofDestination id: DestinationID) throws(StoreError) -> TenantID?
    func destination(_ id: DestinationID, of tenant: TenantID) throws(StoreError) -> DestinationRecord?
    func destinations(of tenant: TenantID, status: DestinationStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<DestinationRecord>
    /// Writes every field but breaker and `createdAt` if the row still has the record's settings version, and raises
    /// that version by one.
    func updateDestination(_ destination: DestinationRecord) throws(StoreError) -> DestinationChange
    func rotateDestinationToken(_ id: DestinationID, of tenant: TenantID, tokenHash: [UInt8]) throws(StoreError) -> Bool
    /// Since when its events wait; nil ends the pause. A pause that lasts already keeps its time. The destination as it
    /// is now, or nil.
    func pauseDestination(_ id: DestinationID, of tenant: TenantID, at: Timestamp?) throws(StoreError)
        -> DestinationRecord?
    /// With its senders and tokens; its events stay. despiteWaiting: what waits is then the caller's to cancel, and
    /// housekeeping's if the caller does not get to it.
    func deleteDestination(_ id: DestinationID, of tenant: TenantID, despiteWaiting: Bool) throws(StoreError)
        -> DestinationRemoval
    /// How many destinations use each component, by kind and name.
    func pluginUse() throws(StoreError) -> [(kind: PluginKind, plugin: String, destinations: Int)]
}

package protocol SenderStore {
    func createSender(_ sender: SenderRecord, tokenHash: [UInt8]) throws(StoreError)
    func owner(ofSender id: SenderID) throws(StoreError) -> TenantID?
    func sender(_ id: SenderID, of tenant: TenantID) throws(StoreError) -> SenderRecord?
    /// Of all destinations, or of one.
    func senders(of tenant: TenantID, destination: DestinationID?, _ page: PageQuery) throws(StoreError)
        -> Page<SenderRecord>
    /// Nil leaves a field as it is, nil inside removes its value. Nil result: no such sender.
    func updateSender(_ id: SenderID, of tenant: TenantID, label: String??, mapping: [UInt8]??) throws(StoreError)
        -> SenderRecord?
    func deleteSender(_ id: SenderID, of tenant: TenantID) throws(StoreError) -> Bool
    func rotateSenderToken(_ id: SenderID, of tenant: TenantID, tokenHash: [UInt8]) throws(StoreError) -> Bool
    /// Nil removes the mapping.
    func setMapping(_ mapping: [UInt8]?, sender: SenderID, of tenant: TenantID) throws(StoreError) -> Bool
}

/// Somebody cancels what waits, in several portions.
package struct Purge: Sendable {
    package enum Tag {}
    /// Made when it begins.
    package var id: ID<Tag>
    /// The e-mail of whoever asked for it.
    package var actor: String

    package init(id: ID<Tag>, actor: String) {
        self.id = id
        self.actor = actor
    }
}

package protocol EventStore {
    func events(of tenant: TenantID, _ filter: EventFilter, _ query: EventQuery) throws(StoreError) -> EventListing
    func owner(ofEvent id: EventID) throws(StoreError) -> TenantID?
    func event(_ id: EventID, of tenant: TenantID) throws(StoreError) -> EventRecord?
    /// The latest ones up to the limit, oldest first, and how many there are.
    func attempts(of event: EventID, tenant: TenantID, limit: Int) throws(StoreError)
        -> (latest: [AttemptRecord], total: Int)
    /// Makes a CriticalFailure or AuthenticationFailed event that has not been erased Pending and due at once, with no
    /// attempts in this round. Conditional, so of two concurrent calls one gets nil; so does one whose destination was
    /// deleted.
    func replay(_ event: EventID, of tenant: TenantID) throws(StoreError) -> EventRecord?
    /// Destinations of the tenant for which events wait.
    func destinationsWithWaitingEvents(of tenant: TenantID) throws(StoreError) -> [DestinationID]
    /// Cancels what is Pending, Failed or WaitingRetry, at most `limit` of it. What somebody writes at this moment is
    /// left out. Returns how many; zero: nothing is left. purge: only what was accepted before it
    /// began, give or take a second; tells the tenant, with one notification for all portions.
    func cancelWaiting(destination: DestinationID, of tenant: TenantID, limit: Int, for purge: Purge?)
        throws(StoreError) -> Int
    /// Empties payload, key, trace context and mapping error of a final event, and what its attempts kept of requests
    /// and answers. cancelWaiting: one that is Pending, Failed or WaitingRetry becomes Cancelled first.
    func erase(_ event: EventID, of tenant: TenantID, cancelWaiting: Bool) throws(StoreError) -> Erasure
    /// The same for all events with this key. Reads all of the tenant's.
    func eraseEvents(idempotencyKey: String, of tenant: TenantID, cancelWaiting: Bool) throws(StoreError)
        -> (erased: Int, unfinished: Int)
}

/// Lends stores, one connection each, to threads that may block. Sendable; waits when all are lent.
package protocol ManagementStorePool: Sendable {
    func withStore<Result>(_ body: (any ManagementStore) throws -> Result) throws -> Result
}
