import Domain
import Ports

/// Users, limits and sessions.
extension MemoryStore {
    func createUser(_ user: UserRecord) throws(StoreError) {
        if users.values.contains(where: { $0.email == user.email }) { throw .conflict(constraint: "users_email_key") }
        users[user.id] = user
    }

    func user(email: String) throws(StoreError) -> UserRecord? { users.values.first { $0.email == email } }
    func user(_ id: UserID) throws(StoreError) -> UserRecord? { users[id] }

    func countAttempt(
        _ action: String, key: String, window: Duration
    ) throws(StoreError) -> (count: Int, endsAt: Timestamp) {
        let before = try attempts(action, key: key) ?? (0, clock.now + window)
        counters["\(action) \(key)"] = (before.count + 1, before.endsAt)
        return (before.count + 1, before.endsAt)
    }

    func attempts(_ action: String, key: String) throws(StoreError) -> (count: Int, endsAt: Timestamp)? {
        guard let counter = counters["\(action) \(key)"], counter.endsAt > clock.now else { return nil }
        return counter
    }

    func clearAttempts(_ action: String, key: String) throws(StoreError) { counters["\(action) \(key)"] = nil }

    func createRefreshToken(
        hash: [UInt8], family: ID<Session>, user: UserRecord, expiresAt: Timestamp
    ) throws(StoreError) -> UserRecord? {
        beforeRefreshToken?(self)
        guard let current = users[user.id], current.passwordHash == user.passwordHash, current.status == .active,
            !endedFamilies.contains(family)
        else { return nil }
        refreshTokens[hash] = (family, user.id, expiresAt, false)
        return current
    }

    func renewSession(
        refreshTokenHash hash: [UInt8], successor: [UInt8], expiresAt: Timestamp
    ) throws(StoreError) -> SessionRenewal {
        guard let token = refreshTokens[hash], token.expiresAt > clock.now, !endedFamilies.contains(token.family)
        else { return .refused }
        if token.used {
            endedFamilies.insert(token.family)
            return .reused
        }
        guard let user = users[token.user], user.status == .active else { return .refused }
        refreshTokens[hash]?.used = true
        refreshTokens[successor] = (token.family, token.user, expiresAt, false)
        return .renewed(user, family: token.family)
    }

    func endSession(refreshTokenHash: [UInt8], user: UserID) throws(StoreError) -> Bool {
        guard let token = refreshTokens[refreshTokenHash], token.user == user, token.expiresAt > clock.now,
            endedFamilies.insert(token.family).inserted
        else { return false }
        return true
    }

    func denyAccessToken(_ id: ID<Ports.AccessToken>, until: Timestamp) throws(StoreError) { deniedTokens[id] = until }

    func isAccessTokenDenied(_ id: ID<Ports.AccessToken>, of family: ID<Session>?) throws(StoreError) -> Bool {
        deniedTokens[id].map { $0 > clock.now } ?? false || family.map { endedFamilies.contains($0) } ?? false
    }
}
