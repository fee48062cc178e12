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

    /// A session of the user's, by its first token.
    private func logIn(_ hash: [UInt8] = makeHash(), family: ID<Session> = makeID(), for span: Duration = .seconds(600))
        throws -> [UInt8]
    {
        let held = try store.createRefreshToken(hash: hash, family: family, user: user, expiresAt: now() + span)
        #expect(held == user)
        return hash
    }

    private func renew(_ hash: [UInt8], to successor: [UInt8] = makeHash()) throws -> SessionRenewal {
        try store.renewSession(refreshTokenHash: hash, successor: successor, expiresAt: now() + .seconds(600))
    }

    @Test func aRefreshTokenIsUsedOnceAndItsReuseEndsTheFamily() throws {
        let family: ID<Session> = makeID()
        let first = try logIn(family: family)
        let second = makeHash()
        #expect(try renew(first, to: second) == .renewed(user, family: family))
        #expect(try renew(first) == .reused)
        #expect(try renew(second) == .refused)
        let late = makeHash()
        #expect(try store.createRefreshToken(hash: late, family: family, user: user, expiresAt: now()) == nil)
        #expect(try renew(late) == .refused)
        var unknown = user
        unknown.id = makeID()
        #expect(try store.createRefreshToken(hash: late, family: makeID(), user: unknown, expiresAt: now()) == nil)
    }

    /// What was read before the password was verified may be out of date after it.
    @Test func aLoginUnderWayGetsTheRoleOfNowAndNothingForAnOldPassword() throws {
        func logIn() throws -> UserRecord? {
            try store.createRefreshToken(
                hash: makeHash(), family: makeID(), user: user, expiresAt: now() + .seconds(600))
        }
        var changed = user
        changed.role = .viewer
        #expect(try store.updateUser(changed, from: user, endingSessions: true) == .done)
        #expect(try logIn()?.role == .viewer)

        var inactive = changed
        inactive.status = .inactive
        #expect(try store.updateUser(inactive, from: changed, endingSessions: true) == .done)
        #expect(try logIn() == nil)

        var other = changed
        other.passwordHash = "$scrypt$another"
        #expect(try store.updateUser(other, from: inactive, endingSessions: true) == .done)
        #expect(try logIn() == nil)
    }

    /// Whoever gets an error instead of a successor can try again with the token he has.
    @Test func aTokenWithoutASuccessorIsNotUsedUp() throws {
        let family: ID<Session> = makeID()
        let (first, taken) = (try logIn(family: family), try logIn())
        #expect(throws: StoreError.conflict(constraint: "refresh_tokens_pkey")) { try renew(first, to: taken) }
        let connection = database.makeConnection()
        try connection.execute(
            """
            CREATE FUNCTION end_connection() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
            CREATE TRIGGER end_connection BEFORE INSERT ON refresh_tokens EXECUTE FUNCTION end_connection()
            """)
        let other = database.makeStore(.management())
        #expect(throws: StoreError.self) {
            try other.renewSession(refreshTokenHash: first, successor: makeHash(), expiresAt: now() + .seconds(600))
        }
        try connection.execute("DROP TRIGGER end_connection ON refresh_tokens")
        #expect(try renew(first) == .renewed(user, family: family))
    }

    @Test func aRenewalShowsTheUserAsHeIsAndNeedsHimActive() throws {
        let hash = try logIn()
        let second = makeHash()
        var changed = user
        changed.role = .viewer
        #expect(try store.updateUser(changed, from: user, endingSessions: false) == .done)
        guard case .renewed(let read, _) = try renew(hash, to: second) else {
            Issue.record("it was not renewed")
            return
        }
        #expect(read.role == .viewer)
        var inactive = changed
        inactive.status = .inactive
        #expect(try store.updateUser(inactive, from: changed, endingSessions: false) == .done)
        #expect(try renew(second) == .refused)
    }

    /// Both orders come up; in each, nothing of a family that has ended is left that works.
    @Test(arguments: [true, false])
    func aRenewalWhileTheFamilyEndsIsRefusedOrEndsToo(byLogout: Bool) throws {
        let (database, user) = (database, user)
        for _ in 0..<20 {
            let (first, second, third) = (try logIn(), makeHash(), makeHash())
            #expect(try renew(first, to: second) != .refused)
            let done = try inParallel(2) { index in
                let store = database.makeStore(.management())
                if index == 1, byLogout { return try store.endSession(refreshTokenHash: second, user: user.id) }
                let (used, successor) = index == 0 ? (second, third) : (first, makeHash())
                let renewal = try store.renewSession(
                    refreshTokenHash: used, successor: successor, expiresAt: now() + .seconds(600))
                return index == 1 ? renewal == .reused : renewal != .refused
            }
            // A token that has been used up ends no session, and that of an ended one gets no successor.
            #expect(byLogout ? done[0] != done[1] : done[1])
            guard done[1] else { continue }
            #expect(try renew(third) == .refused)
            #expect(try renew(second) == (done[0] ? .reused : .refused))
        }
    }

    @Test func aSuccessorWaitsForTheEndOfTheFamilyThatIsUnderWay() throws {
        let database = database
        let first = try logIn()
        let connection = store.connection
        try connection.execute("BEGIN; SELECT FROM users WHERE id = '\(user.id)' FOR NO KEY UPDATE")
        try connection.execute("UPDATE refresh_tokens SET ended_at = now()")
        let renewal = try onAThreadThatWaits(in: database) {
            try database.makeStore(.management()).renewSession(
                refreshTokenHash: first, successor: makeHash(), expiresAt: now() + .seconds(600))
        } release: {
            try connection.execute("COMMIT")
        }
        #expect(renewal == .refused)
    }

    @Test func ofConcurrentUsesOfATokenOneIsValid() throws {
        let hash = try logIn()
        let database = database
        let uses = try inParallel(6) { _ in
            try database.makeStore(.management()).renewSession(
                refreshTokenHash: hash, successor: makeHash(), expiresAt: now() + .seconds(600))
        }
        #expect(uses.filter { if case .renewed = $0 { true } else { false } }.count == 1)
        #expect(uses.filter { $0 == .reused }.count == 5)
    }

    @Test func expiredAndUnknownTokensAreRefused() throws {
        let expired = try logIn(for: .seconds(-1))
        #expect(try renew(expired) == .refused)
        #expect(try renew(makeHash()) == .refused)
    }

    @Test func loggingOutEndsTheSessionOfThatUserOnly() throws {
        let hash = try logIn()
        #expect(try !store.endSession(refreshTokenHash: hash, user: makeID()))
        #expect(try store.endSession(refreshTokenHash: hash, user: user.id))
        #expect(try !store.endSession(refreshTokenHash: hash, user: user.id))
        #expect(try renew(hash) == .refused)
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
        _ = try logIn(hash, family: family)
        _ = try logIn(family: other)
        #expect(try !store.isAccessTokenDenied(makeID(), of: family))
        #expect(try store.endSession(refreshTokenHash: hash, user: user.id))
        #expect(try store.isAccessTokenDenied(makeID(), of: family))
        #expect(try !store.isAccessTokenDenied(makeID(), of: other))
    }
}
