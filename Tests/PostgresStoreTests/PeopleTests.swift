import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("A tenant's people", .needsPostgres)
struct PeopleTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let stranger: TenantID
    /// The one that came with the tenant.
    let owner: UserRecord

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        tenant = try makeTenant(in: store)
        stranger = try makeTenant(in: store)
        let page = PageQuery(offset: 0, limit: 1, sort: "id", descending: false)
        owner = try #require(try store.users(of: tenant, role: .owner, status: nil, page).rows.first)
    }

    private func addUser(_ email: String = "dev@example.net", role: UserRole = .developer) throws -> UserRecord {
        let user = makeUser(of: tenant, email: email, role: role)
        try store.createUser(user)
        return user
    }

    /// Changes the user from whatever he is now.
    private func change(_ user: UserRecord, endingSessions: Bool) throws -> UserChange {
        try store.updateUser(user, from: try store.user(user.id) ?? user, endingSessions: endingSessions)
    }

    private func renew(_ hash: [UInt8]) throws -> SessionRenewal {
        try store.renewSession(refreshTokenHash: hash, successor: makeHash(), expiresAt: now() + .seconds(600))
    }

    private func logIn(_ user: UserRecord) throws -> [UInt8] {
        let hash = makeHash()
        _ = try store.createRefreshToken(hash: hash, family: makeID(), user: user, expiresAt: now() + .seconds(600))
        return hash
    }

    @Test func listsAreFilteredSortedAndKeptToTheTenant() throws {
        _ = try addUser("b@example.net")
        _ = try addUser("a@example.net", role: .viewer)
        var left = try addUser("c@example.net")
        left.status = .inactive
        #expect(try change(left, endingSessions: false) == .done)
        func emails(_ role: UserRole?, _ status: UserStatus?, limit: Int = 10) throws -> (Int, [String]) {
            let page = PageQuery(offset: 0, limit: limit, sort: "email", descending: true)
            let list = try store.users(of: tenant, role: role, status: status, page)
            return (list.total, list.rows.map(\.email))
        }
        #expect(try emails(.developer, nil) == (2, ["c@example.net", "b@example.net"]))
        #expect(try emails(.developer, .active) == (1, ["b@example.net"]))
        #expect(try emails(nil, .inactive) == (1, ["c@example.net"]))
        #expect(try emails(.viewer, nil, limit: 0) == (1, []))
        #expect(try emails(nil, nil).0 == 4)
        for sort in ["id", "email", "status", "role", "createdAt", "updatedAt"] {
            let page = PageQuery(offset: 0, limit: 10, sort: sort, descending: false)
            #expect(try store.users(of: stranger, role: nil, status: nil, page).total == 1)
        }
        #expect(throws: StoreError.self) {
            try store.users(
                of: tenant, role: nil, status: nil,
                PageQuery(offset: 0, limit: 1, sort: "password_hash", descending: false))
        }
    }

    @Test func aChangeIsWrittenAndStaysInItsTenant() throws {
        var user = try addUser()
        user.email = "new@example.net"
        user.passwordHash = "another"
        user.role = .admin
        user.status = .inactive
        user.updatedAt = Timestamp(seconds: 1_900_000_000)
        var foreign = user
        foreign.tenantID = stranger
        #expect(try change(foreign, endingSessions: true) == .unknown)
        #expect(try store.user(user.id)?.email == "dev@example.net")
        #expect(try change(user, endingSessions: false) == .done)
        let read = try #require(try store.user(user.id))
        #expect(read.email == "new@example.net" && read.passwordHash == "another" && read.role == .admin)
        #expect(read.status == .inactive && read.updatedAt == user.updatedAt && read.createdAt == user.createdAt)
        #expect(try store.owner(ofUser: user.id) == tenant)

        user.email = owner.email
        #expect(throws: StoreError.conflict(constraint: "users_email_key")) {
            try change(user, endingSessions: false)
        }
        // The connection is out of the transaction that failed.
        #expect(try store.deleteUser(user.id, of: stranger) == .unknown)
        #expect(try store.deleteUser(user.id, of: tenant) == .done)
        #expect(try store.deleteUser(user.id, of: tenant) == .unknown)
        #expect(try store.owner(ofUser: user.id) == nil)
    }

    @Test func ofTwoChangesToWhatBothHaveReadTheSecondIsOutdated() throws {
        let read = try addUser()
        var (demoted, renamed) = (read, read)
        demoted.role = .viewer
        renamed.email = "renamed@example.net"
        #expect(try store.updateUser(demoted, from: read, endingSessions: true) == .done)
        // It would have made him a Developer again.
        #expect(try store.updateUser(renamed, from: read, endingSessions: true) == .outdated)
        #expect(try store.user(read.id)?.role == .viewer)
        #expect(try store.user(read.id)?.email == read.email)
    }

    @Test func sessionsEndWithAChangeThatAsksForIt() throws {
        let (user, other) = (try addUser(), try addUser("other@example.net"))
        let (first, second, others) = (try logIn(user), try logIn(user), try logIn(other))
        #expect(try change(user, endingSessions: false) == .done)
        guard case .renewed = try renew(first) else {
            Issue.record("the session has ended")
            return
        }
        #expect(try change(user, endingSessions: true) == .done)
        #expect(try renew(second) == .refused)
        #expect(try store.deleteUser(user.id, of: tenant) == .done)
        #expect(try database.makeConnection().text("SELECT count(*) FROM refresh_tokens") == "1")
        #expect(try renew(others) != .refused)
    }

    @Test func theLastActiveOwnerStays() throws {
        var (demoted, inactive) = (owner, owner)
        demoted.role = .admin
        inactive.status = .inactive
        let session = try logIn(owner)
        // Neither an Owner who cannot log in nor one of another tenant counts.
        var asleep = try addUser("asleep@example.net", role: .owner)
        asleep.status = .inactive
        #expect(try change(asleep, endingSessions: true) == .done)
        #expect(try change(demoted, endingSessions: true) == .lastOwner)
        #expect(try change(inactive, endingSessions: true) == .lastOwner)
        #expect(try store.deleteUser(owner.id, of: tenant) == .lastOwner)
        #expect(try store.user(owner.id)?.role == .owner)
        #expect(try renew(session) != .refused)
        var renamed = owner
        renamed.email = "renamed@example.net"
        #expect(try change(renamed, endingSessions: false) == .done)

        asleep.status = .active
        #expect(try change(asleep, endingSessions: false) == .done)
        #expect(try change(demoted, endingSessions: true) == .done)
        #expect(try store.deleteUser(asleep.id, of: tenant) == .lastOwner)
    }

    @Test func anOwnerWhoLeavesWaitsForAnotherWhoIsLeaving() throws {
        let (database, tenant, owner) = (database, tenant, owner)
        let second = try addUser("second@example.net", role: .owner)
        let connection = store.connection
        try connection.execute("BEGIN; SELECT FROM tenants WHERE id = '\(tenant)' FOR NO KEY UPDATE")
        try connection.execute("UPDATE users SET role = 1 WHERE id = '\(second.id)'")
        let change = try onAThreadThatWaits(in: database) {
            try database.makeStore(.management()).deleteUser(owner.id, of: tenant)
        } release: {
            try connection.execute("COMMIT")
        }
        #expect(change == .lastOwner)
    }

    @Test func ofOwnersWhoAllLeaveAtOnceOneStays() throws {
        let database = database
        for round in 0..<5 {
            let tenant = try makeTenant(in: store)
            for _ in 0..<3 { try store.createUser(makeUser(of: tenant)) }
            let page = PageQuery(offset: 0, limit: 10, sort: "id", descending: false)
            let owners = try store.users(of: tenant, role: .owner, status: .active, page).rows
            let outcomes = try inParallel(owners.count) { index in
                let store = database.makeStore(.management())
                var user = owners[index]
                if (round + index).isMultiple(of: 2) { return try store.deleteUser(user.id, of: tenant) }
                user.role = .viewer
                return try store.updateUser(user, from: owners[index], endingSessions: true)
            }
            #expect(outcomes.filter { $0 == .done }.count == 3)
            #expect(outcomes.filter { $0 == .lastOwner }.count == 1)
            #expect(try store.users(of: tenant, role: .owner, status: .active, page).total == 1)
        }
    }
}
