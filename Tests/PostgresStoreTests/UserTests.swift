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
        _ = try store.createRefreshToken(hash: first, family: family, user: user.id, expiresAt: now() + .seconds(600))
        #expect(try store.consumeRefreshToken(hash: first) == .valid(user.id, family: family))
        _ = try store.createRefreshToken(hash: second, family: family, user: user.id, expiresAt: now() + .seconds(600))
        #expect(try store.consumeRefreshToken(hash: first) == .reused)
        #expect(try store.consumeRefreshToken(hash: second) == .unknown)
        // A refresh under way at that moment gets no successor.
        let late = makeHash()
        #expect(
            try !store.createRefreshToken(hash: late, family: family, user: user.id, expiresAt: now() + .seconds(600)))
        #expect(try store.consumeRefreshToken(hash: late) == .unknown)
        #expect(
            try !store.createRefreshToken(hash: late, family: makeID(), user: makeID(), expiresAt: now()))
    }

    /// Both orders come up; in each, nothing of the family is left that works.
    @Test func aSuccessorMadeWhileTheFamilyEndsIsRefusedOrEndsToo() throws {
        let (database, user) = (database, user)
        for _ in 0..<30 {
            let family: ID<Session> = makeID()
            let (first, second) = (makeHash(), makeHash())
            _ = try store.createRefreshToken(
                hash: first, family: family, user: user.id, expiresAt: now() + .seconds(600))
            #expect(try store.consumeRefreshToken(hash: first) == .valid(user.id, family: family))
            _ = try inParallel(2) { index in
                let store = database.makeStore(.management())
                if index == 0 {
                    _ = try store.createRefreshToken(
                        hash: second, family: family, user: user.id, expiresAt: now() + .seconds(600))
                } else {
                    #expect(try store.consumeRefreshToken(hash: first) == .reused)
                }
            }
            #expect(try store.consumeRefreshToken(hash: second) == .unknown)
        }
    }

    @Test func aSuccessorWaitsForTheEndOfTheFamilyThatIsUnderWay() throws {
        let (database, user) = (database, user)
        let family: ID<Session> = makeID()
        let first = makeHash()
        _ = try store.createRefreshToken(hash: first, family: family, user: user.id, expiresAt: now() + .seconds(600))
        let connection = store.connection
        try connection.execute("BEGIN; SELECT FROM users WHERE id = '\(user.id)' FOR NO KEY UPDATE")
        try connection.execute("UPDATE refresh_tokens SET ended_at = now()")
        let isMade = try onAThreadThatWaits(in: database) {
            try database.makeStore(.management()).createRefreshToken(
                hash: makeHash(), family: family, user: user.id, expiresAt: now() + .seconds(600))
        } release: {
            try connection.execute("COMMIT")
        }
        #expect(!isMade)
    }

    @Test func ofConcurrentUsesOfATokenOneIsValid() throws {
        let hash = makeHash()
        _ = try store.createRefreshToken(hash: hash, family: makeID(), user: user.id, expiresAt: now() + .seconds(600))
        let database = database
        let uses = try inParallel(6) { _ in try database.makeStore(.management()).consumeRefreshToken(hash: hash) }
        #expect(uses.filter { if case .valid = $0 { true } else { false } }.count == 1)
        #expect(uses.filter { $0 == .reused }.count == 5)
    }

    @Test func expiredAndUnknownTokensAreUnknown() throws {
        let expired = makeHash()
        _ = try store.createRefreshToken(hash: expired, family: makeID(), user: user.id, expiresAt: now() - .seconds(1))
        #expect(try store.consumeRefreshToken(hash: expired) == .unknown)
        #expect(try store.consumeRefreshToken(hash: makeHash()) == .unknown)
    }

    @Test func loggingOutEndsTheSessionOfThatUserOnly() throws {
        let hash = makeHash()
        _ = try store.createRefreshToken(hash: hash, family: makeID(), user: user.id, expiresAt: now() + .seconds(600))
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
        #expect(try store.isAccessTokenDenied(denied, of: nil))
        #expect(try !store.isAccessTokenDenied(expired, of: makeID()))
        #expect(try !store.isAccessTokenDenied(makeID(), of: nil))
    }

    @Test func anAccessTokenDiesWithItsSession() throws {
        let (family, other): (ID<Session>, ID<Session>) = (makeID(), makeID())
        let hash = makeHash()
        for (family, hash) in [(family, hash), (other, makeHash())] {
            _ = try store.createRefreshToken(
                hash: hash, family: family, user: user.id, expiresAt: now() + .seconds(600))
        }
        #expect(try !store.isAccessTokenDenied(makeID(), of: family))
        #expect(try store.endSession(refreshTokenHash: hash, user: user.id))
        #expect(try store.isAccessTokenDenied(makeID(), of: family))
        #expect(try !store.isAccessTokenDenied(makeID(), of: other))
    }
}
