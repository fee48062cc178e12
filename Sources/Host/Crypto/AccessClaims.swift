import Domain

/// What an access token can be an id of; the `jti` claim.
package enum AccessToken {}
package typealias AccessTokenID = ID<AccessToken>

/// What a login is known by, through all its refreshes; the `sid` claim.
package enum Login {}
package typealias LoginID = ID<Login>

/// Who makes a request, as the access token says.
package struct AccessClaims: Sendable, Equatable {
    /// `jti`: what a logout denies.
    package var tokenID: AccessTokenID
    /// `sid`: the login that the token goes back to; it dies with it. Nil in tokens of older versions.
    package var sessionID: LoginID?
    /// `sub`
    package var userID: UserID
    /// `tenant_id`
    package var tenantID: TenantID
    package var email: String
    package var role: UserRole
    /// `exp`, in whole seconds. `AccessTokens.issue` sets it from its lifetime and ignores what stands here.
    package var expiresAt: Timestamp

    package init(
        tokenID: AccessTokenID, sessionID: LoginID? = nil, userID: UserID, tenantID: TenantID, email: String,
        role: UserRole, expiresAt: Timestamp = Timestamp(seconds: 0)
    ) {
        self.tokenID = tokenID
        self.sessionID = sessionID
        self.userID = userID
        self.tenantID = tenantID
        self.email = email
        self.role = role
        self.expiresAt = expiresAt
    }
}
