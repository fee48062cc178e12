import Domain

/// A place in the entries of all tenants: the writing transaction first, then the entry's own number.
package struct StreamPosition: Sendable, Hashable, Comparable {
    package var transaction: Int64
    package var entry: Int64

    package init(transaction: Int64, entry: Int64) {
        self.transaction = transaction
        self.entry = entry
    }

    package static func < (one: Self, other: Self) -> Bool {
        (one.transaction, one.entry) < (other.transaction, other.entry)
    }
}

/// One change: what kind it is and of which row. How the row is now is read when the entry is told.
package struct StreamEntry: Sendable, Equatable {
    package var position: StreamPosition
    /// One of the contract's event types, such as `destination.created`.
    package var type: String
    package var subject: ID<Never>

    package init(position: StreamPosition, type: String, subject: ID<Never>) {
        self.position = position
        self.type = type
        self.subject = subject
    }
}

/// Where a reader of a tenant's entries is.
package struct StreamCursor: Sendable, Hashable {
    package var tenantID: TenantID
    package var position: StreamPosition

    package init(tenantID: TenantID, position: StreamPosition) {
        self.tenantID = tenantID
        self.position = position
    }
}

package struct StreamPage: Sendable, Equatable {
    /// In order, and none of them will ever be preceded by one that comes later.
    package var entries: [StreamEntry]
    /// False: entries after the cursor have been deleted or were never written, so the reader has to start anew.
    package var isComplete: Bool

    package init(entries: [StreamEntry], isComplete: Bool) {
        self.entries = entries
        self.isComplete = isComplete
    }
}

/// What the database is about to do, by numbers of writing transactions.
package struct StreamHorizon: Sendable, Equatable {
    /// All below have ended.
    package var oldestRunning: Int64
    /// None from here on has begun.
    package var next: Int64

    package init(oldestRunning: Int64, next: Int64) {
        self.oldestRunning = oldestRunning
        self.next = next
    }
}

/// Whom a stream is open for: what its access token says. The token itself is not kept.
package struct StreamListener: Sendable, Equatable {
    package var tokenID: ID<AccessToken>
    package var tokenExpiresAt: Timestamp
    /// The login that the token goes back to; nil in tokens of older versions.
    package var sessionID: ID<Session>?
    package var userID: UserID
    package var tenantID: TenantID
    package var role: UserRole
    package var email: String

    package init(
        tokenID: ID<AccessToken>, tokenExpiresAt: Timestamp, sessionID: ID<Session>? = nil, userID: UserID,
        tenantID: TenantID, role: UserRole, email: String
    ) {
        self.tokenID = tokenID
        self.tokenExpiresAt = tokenExpiresAt
        self.sessionID = sessionID
        self.userID = userID
        self.tenantID = tenantID
        self.role = role
        self.email = email
    }
}

/// What open streams are told. Blocking.
package protocol StreamStore {
    /// From the commit of this on, and for `memory` after the last call, statements that begin write entries for these
    /// tenants.
    func keepEntries(of tenants: [TenantID], memory: Duration) throws(StoreError)
    func streamHorizon() throws(StoreError) -> StreamHorizon
    /// One page a cursor, in the same order, each of at most `limit` entries.
    func entries(after cursors: [StreamCursor], limit: Int) throws(StoreError) -> [StreamPage]

    /// hash: SHA-256 of the ticket.
    func createStreamTicket(hash: [UInt8], for listener: StreamListener, expiresAt: Timestamp) throws(StoreError)
    /// Uses a ticket up. Nil: unknown, used or expired.
    func useStreamTicket(hash: [UInt8]) throws(StoreError) -> StreamListener?
    /// Those of the tokens that are denied, whose session has ended, or whose user is no longer active in the tenant.
    func endedTokens(of listeners: [StreamListener]) throws(StoreError) -> Set<ID<AccessToken>>

    /// Unknown ids and those of other tenants are left out.
    func events(_ ids: [EventID], of tenant: TenantID) throws(StoreError) -> [EventRecord]
    func apiKey(_ id: APIKeyID, of tenant: TenantID) throws(StoreError) -> APIKeyRecord?
}
