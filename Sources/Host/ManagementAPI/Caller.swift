import Crypto
import Domain
import HTTPServer
import Ports
import Synchronization

/// Who makes a request, as a valid access token says.
struct Caller: Sendable {
    let claims: AccessClaims
    var userID: UserID { claims.userID }
    var tenantID: TenantID { claims.tenantID }
    var role: UserRole { claims.role }
}

extension ManagementAPI {
    /// The caller, or 401. A token is good while its signature and time are, its session has not ended (by a logout, a
    /// reused refresh token, or a change of the user's credentials or role), and its user is still active in the same
    /// tenant.
    func authenticate(_ request: HTTPRequest) throws -> Caller {
        guard let token = bearerToken(request), let claims = tokens.verify(token, now: settings.clock()) else {
            throw Refusal.unauthorized
        }
        try requireGoodStanding(claims)
        return Caller(claims: claims)
    }

    /// 401 if the token has been logged out or its user is not active in the tenant any more.
    func requireGoodStanding(_ claims: AccessClaims) throws {
        let now = settings.clock()
        let standing = try sessions.standing(of: claims.tokenID, at: now) {
            try pool.withStore { store in
                guard try !store.isAccessTokenDenied(claims.tokenID.cast(), of: claims.sessionID?.cast()),
                    let user = try store.user(claims.userID), user.status == .active, user.tenantID == claims.tenantID
                else { return .init(isGood: false, user: claims.userID, until: claims.expiresAt) }
                return .init(isGood: true, user: claims.userID, until: now + settings.sessionCacheTime)
            }
        }
        guard standing.isGood else { throw Refusal.unauthorized }
    }

    private func bearerToken(_ request: HTTPRequest) -> String? {
        guard let header = request.header("Authorization") else { return nil }
        let parts = header.pieces(at: " ", most: 1)
        guard parts.count == 2, parts[0].isExactlyIgnoringCase("bearer") else { return nil }
        return String(parts[1].withoutSpacesAround())
    }
}

/// What the store last said about access tokens, for a moment: a client that lists twenty things does not ask
/// twenty times. Any thread.
final class SessionCache: Sendable {
    struct Standing: Sendable {
        var isGood: Bool
        var user: UserID
        var until: Timestamp
    }

    private struct State {
        var entries: [AccessTokenID: Standing] = [:]
        /// Rises with every change that could make an answer stale; what was read under another number is not kept.
        var generation: UInt64 = 0
    }

    private static let entriesMax = 10_000
    private let state = Mutex(State())

    func standing(
        of token: AccessTokenID, at now: Timestamp, read: () throws -> Standing
    ) throws -> Standing {
        let (known, generation) = state.withLock { ($0.entries[token], $0.generation) }
        if let known, known.until > now { return known }
        let standing = try read()
        state.withLock { state in
            if state.generation == generation { Self.keep(standing, for: token, at: now, in: &state.entries) }
        }
        return standing
    }

    /// The token is not accepted here any more, from this moment on.
    func deny(_ token: AccessTokenID, of user: UserID, until: Timestamp, at now: Timestamp) {
        state.withLock { state in
            state.generation &+= 1
            Self.keep(Standing(isGood: false, user: user, until: until), for: token, at: now, in: &state.entries)
        }
    }

    /// The user's rows have changed: the store is asked again at the next request.
    func forget(_ user: UserID) {
        state.withLock { state in
            state.generation &+= 1
            state.entries = state.entries.filter { $0.value.user != user }
        }
    }

    private static func keep(
        _ standing: Standing, for token: AccessTokenID, at now: Timestamp, in entries: inout [AccessTokenID: Standing]
    ) {
        if entries.count >= entriesMax {
            entries = entries.filter { $0.value.until > now }
            if entries.count >= entriesMax { entries.removeAll() }
        }
        entries[token] = standing
    }
}
