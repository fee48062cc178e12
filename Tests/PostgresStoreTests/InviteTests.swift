import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Invites", .needsPostgres)
struct InviteTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let stranger: TenantID

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        tenant = try makeTenant(in: store)
        stranger = try makeTenant(in: store)
    }

    private func invite(
        _ role: UserRole = .developer, validFor: Duration = .seconds(3_600), hash: [UInt8] = makeHash()
    ) throws -> InviteRecord {
        let invite = InviteRecord(
            id: makeID(), tenantID: tenant, sealedToken: [7, 0, 8], targetRole: role, expiresAt: now() + validFor,
            usedAt: nil, createdAt: now())
        try store.createInvite(invite, tokenHash: hash)
        return invite
    }

    @Test func anInviteIsFoundByItsToken() throws {
        let hash = makeHash()
        let written = try invite(.viewer, hash: hash)
        #expect(try store.invite(tokenHash: hash) == written)
        #expect(try store.invite(tokenHash: makeHash()) == nil)
        #expect(throws: StoreError.conflict(constraint: "invites_token_key")) { try invite(hash: hash) }
    }

    @Test func registeringCreatesTheUserAndUsesTheInviteUp() throws {
        let hash = makeHash()
        let invite = try invite(hash: hash)
        let (user, second) = (makeUser(of: tenant, role: .developer), makeUser(of: tenant))
        let at = Timestamp(microseconds: now().microseconds)
        #expect(try !store.useInvite(invite.id, for: makeUser(of: stranger), at: at))
        #expect(try !store.useInvite(makeID(), for: user, at: at))
        #expect(try store.useInvite(invite.id, for: user, at: at))
        #expect(try store.user(user.id)?.role == .developer)
        #expect(try store.invite(tokenHash: hash)?.usedAt == at)
        #expect(try !store.useInvite(invite.id, for: second, at: at))
        #expect(try store.user(second.id) == nil)
    }

    @Test func aRevokedInviteIsGoneAndAUsedOneStays() throws {
        let hash = makeHash()
        let (revoked, used) = (try invite(hash: hash), try invite())
        #expect(try store.owner(ofInvite: revoked.id) == tenant)
        #expect(try store.deleteInvite(revoked.id, of: stranger) == .unknown)
        #expect(try store.deleteInvite(revoked.id, of: tenant) == .done)
        #expect(try store.deleteInvite(revoked.id, of: tenant) == .unknown)
        #expect(try store.invite(tokenHash: hash) == nil)
        #expect(try store.useInvite(used.id, for: makeUser(of: tenant), at: now()))
        #expect(try store.deleteInvite(used.id, of: tenant) == .used)
    }

    @Test func anExpiredInviteIsOfNoUse() throws {
        let invite = try invite()
        let user = makeUser(of: tenant)
        #expect(try !store.useInvite(invite.id, for: user, at: invite.expiresAt))
        #expect(try store.user(user.id) == nil)
        #expect(try store.useInvite(invite.id, for: user, at: invite.expiresAt - .microseconds(1)))
    }

    @Test func aTakenAddressLeavesTheInviteUsable() throws {
        let invite = try invite()
        try store.createUser(makeUser(of: stranger, email: "taken@example.net"))
        #expect(throws: StoreError.conflict(constraint: "users_email_key")) {
            try store.useInvite(invite.id, for: makeUser(of: tenant, email: "taken@example.net"), at: now())
        }
        #expect(try store.useInvite(invite.id, for: makeUser(of: tenant), at: now()))
    }

    @Test func ofThoseWhoRegisterAtOnceOneWins() throws {
        let (database, tenant) = (database, tenant)
        let invite = try invite()
        let outcomes = try inParallel(6) { _ in
            let store = database.makeStore(.management())
            return try store.useInvite(invite.id, for: makeUser(of: tenant, role: .viewer), at: now())
        }
        #expect(outcomes.filter { $0 }.count == 1)
        let page = PageQuery(offset: 0, limit: 10, sort: "id", descending: false)
        #expect(try store.users(of: tenant, role: .viewer, status: nil, page).total == 1)
    }

    @Test func whoRegistersWaitsForAnotherWithTheSameInvite() throws {
        let (database, tenant) = (database, tenant)
        let invite = try invite()
        let connection = store.connection
        try connection.execute("BEGIN")
        #expect(try store.useInvite(invite.id, for: makeUser(of: tenant), at: now()))
        let isUsed = try onAThreadThatWaits(in: database) {
            try database.makeStore(.management()).useInvite(invite.id, for: makeUser(of: tenant), at: now())
        } release: {
            try connection.execute("COMMIT")
        }
        #expect(!isUsed)
    }

    @Test func listsAreFilteredSortedAndKeptToTheTenant() throws {
        let (used, old) = (try invite(.viewer), try invite(.admin, validFor: .seconds(-5)))
        let new = try invite()
        #expect(try store.useInvite(used.id, for: makeUser(of: tenant), at: now()))
        func ids(_ status: InviteStatus?, _ sort: String, descending: Bool = false) throws -> [InviteID] {
            let page = PageQuery(offset: 0, limit: 10, sort: sort, descending: descending)
            let list = try store.invites(of: tenant, status: status, page)
            #expect(list.total == list.rows.count)
            return list.rows.map(\.id)
        }
        #expect(try ids(.used, "id") == [used.id])
        #expect(try ids(.pending, "expiresAt") == [old.id, new.id])
        #expect(try ids(nil, "status").last == used.id)
        #expect(try ids(nil, "usedAt", descending: true).first == used.id)
        #expect(try ids(nil, "targetRole") == [new.id, old.id, used.id])
        #expect(Set(try ids(nil, "createdAt")) == Set(try ids(nil, "id", descending: true)))
        let page = PageQuery(offset: 0, limit: 10, sort: "id", descending: false)
        #expect(try store.invites(of: stranger, status: nil, page).total == 0)
    }
}
