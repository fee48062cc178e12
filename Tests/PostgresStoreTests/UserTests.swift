import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Users and sessions", .needsPostgres)
struct UserTests {
    let database: TestDatabase
    let store: PostgresStore
    let user: UserRecord

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        user = makeUser(of: try makeTenant(in: store), email: "dev@example.net")
        try store.createUser(user)
    }

    @Test func areFoundByEmailAndID() throws {
        let read = try #require(try store.user(email: "dev@example.net"))
        #expect(read.id == user.id && read.tenantID == user.tenantID && read.passwordHash == user.passwordHash)
        #expect(read.role == .owner && read.status == .active && read.createdAt == user.createdAt)
        #expect(try store.user(user.id)?.email == "dev@example.net")
        #expect(try store.user(email: "nobody@example.net") == nil)
        #expect(try store.user(makeID()) == nil)
    }

    @Test func attemptsAreCountedInAFixedWindow() throws {
        let first = try store.countAttempt("login", key: "1.2.3.4", window: .seconds(300))
        let second = try store.countAttempt("login", key: "1.2.3.4", window: .seconds(300))
        #expect(first.count == 1 && second.count == 2 && first.endsAt == second.endsAt)
        #expect(try store.attempts("login", key: "1.2.3.4")?.count == 2)
        #expect(try store.attempts("tenant", key: "1.2.3.4") == nil)
        try store.clearAttempts("login", key: "1.2.3.4")
        #expect(try store.attempts("login", key: "1.2.3.4") == nil)

        _ = try store.countAttempt("login", key: "brief", window: .zero)
        #expect(try store.attempts("login", key: "brief") == nil)
        #expect(try store.countAttempt("login", key: "brief", window: .seconds(300)).count == 1)
    }

    @Test func concurrentAttemptsAreAllCounted() throws {
        let database = database
        _ = try inParallel(4) { _ in
            let store = database.makeStore(.management())
            for _ in 0..<25 { _ = try store.countAttempt("login", key: "busy", window: .seconds(300)) }
        }
        #expect(try store.attempts("login", key: "busy")?.count == 100)
    }

    @Test func aRefreshTokenIsUsedOnceAndItsReuseEndsTheFamily() throws {
        let family: ID<Session> = makeID()
        let (first, second) = (makeHash(), makeHash())
        try store.createRefreshToken(hash: first, family: family, user: user.id, expiresAt: now() + .seconds(600))
        #expect(try store.consumeRefreshToken(hash: first) == .valid(user.id, family: family))
        try store.createRefreshToken(hash: second, family: family, user: user.id, expiresAt: now() + .seconds(600))
        #expect(try store.consumeRefreshToken(hash: first) == .reused)
        #expect(try store.consumeRefreshToken(hash: second) == .unknown)
        // One that is made by a refresh under way at that moment does not outlive the family.
        let late = makeHash()
        try store.createRefreshToken(hash: late, family: family, user: user.id, expiresAt: now() + .seconds(600))
        #expect(try store.consumeRefreshToken(hash: late) == .unknown)
    }

    @Test func ofConcurrentUsesOfATokenOneIsValid() throws {
        let hash = makeHash()
        try store.createRefreshToken(hash: hash, family: makeID(), user: user.id, expiresAt: now() + .seconds(600))
        let database = database
        let uses = try inParallel(6) { _ in try database.makeStore(.management()).consumeRefreshToken(hash: hash) }
        #expect(uses.filter { if case .valid = $0 { true } else { false } }.count == 1)
        #expect(uses.filter { $0 == .reused }.count == 5)
    }

    @Test func expiredAndUnknownTokensAreUnknown() throws {
        let expired = makeHash()
        try store.createRefreshToken(hash: expired, family: makeID(), user: user.id, expiresAt: now() - .seconds(1))
        #expect(try store.consumeRefreshToken(hash: expired) == .unknown)
        #expect(try store.consumeRefreshToken(hash: makeHash()) == .unknown)
    }

    @Test func loggingOutEndsTheSessionOfThatUserOnly() throws {
        let hash = makeHash()
        try store.createRefreshToken(hash: hash, family: makeID(), user: user.id, expiresAt: now() + .seconds(600))
        #expect(try !store.endSession(refreshTokenHash: hash, user: makeID()))
        #expect(try store.endSession(refreshTokenHash: hash, user: user.id))
        #expect(try !store.endSession(refreshTokenHash: hash, user: user.id))
        #expect(try store.consumeRefreshToken(hash: hash) == .unknown)
    }

    @Test func deniedAccessTokensAreDeniedUntilTheyExpire() throws {
        let (denied, expired): (ID<AccessToken>, ID<AccessToken>) = (makeID(), makeID())
        try store.denyAccessToken(denied, until: now() + .seconds(60))
        try store.denyAccessToken(denied, until: now() - .seconds(60))
        try store.denyAccessToken(expired, until: now() - .seconds(1))
        #expect(try store.isAccessTokenDenied(denied))
        #expect(try !store.isAccessTokenDenied(expired))
        #expect(try !store.isAccessTokenDenied(makeID()))
    }
}
