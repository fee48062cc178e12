import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Tenants and their secrets", .needsPostgres)
struct TenantTests {
    let database: TestDatabase
    let store: PostgresStore

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
    }

    @Test func aTenantComesWithItsOwnerAndSecret() throws {
        let tenant = TenantRecord(
            id: makeID(), name: "Northwind Labs", maxTrys: 10, circuitBreakerTimer: 300,
            createdAt: Timestamp(seconds: 1_000), updatedAt: Timestamp(seconds: 2_000))
        let owner = makeUser(of: tenant.id, email: "ops@northwind.example")
        try store.createTenant(tenant, owner: owner, sealedSecret: [1, 2])
        let read = try #require(try store.tenant(tenant.id))
        #expect(read.name == "Northwind Labs" && read.maxTrys == 10 && read.circuitBreakerTimer == 300)
        #expect(read.createdAt == tenant.createdAt && read.updatedAt == tenant.updatedAt)
        #expect(try store.user(email: "ops@northwind.example")?.id == owner.id)
        #expect(try store.webhookSecrets(of: tenant.id) == [SealedSecret(sealed: [1, 2], validUntil: nil)])
        #expect(try store.tenant(makeID()) == nil)
    }

    @Test func namesAndEmailsAreUniqueAndNothingIsHalfMade() throws {
        let first = try makeTenant(in: store, named: "Acme")
        #expect(throws: StoreError.conflict(constraint: "tenants_name_key")) {
            try makeTenant(in: store, named: "Acme")
        }
        try store.createUser(makeUser(of: first, email: "a@example.net"))
        let second = TenantRecord(
            id: makeID(), name: "Other", maxTrys: 1, circuitBreakerTimer: 1, createdAt: now(), updatedAt: now())
        #expect(throws: StoreError.conflict(constraint: "users_email_key")) {
            try store.createTenant(second, owner: makeUser(of: second.id, email: "a@example.net"), sealedSecret: [])
        }
        #expect(try store.tenant(second.id) == nil)
        #expect(throws: StoreError.conflict(constraint: "users_email_key")) {
            try store.createUser(makeUser(of: first, email: "a@example.net"))
        }
    }

    @Test func anUpdateLeavesWhatIsNilAlone() throws {
        let tenant = try makeTenant(in: store, named: "Before")
        _ = try makeTenant(in: store, named: "Taken")
        let renamed = try #require(
            try store.updateTenant(tenant, name: "After", maxTrys: nil, circuitBreakerTimer: nil))
        #expect(renamed.name == "After" && renamed.maxTrys == 6)
        let limited = try #require(try store.updateTenant(tenant, name: nil, maxTrys: 2, circuitBreakerTimer: 9))
        #expect(limited.name == "After" && limited.maxTrys == 2 && limited.circuitBreakerTimer == 9)
        #expect(limited.updatedAt > limited.createdAt)
        #expect(throws: StoreError.conflict(constraint: "tenants_name_key")) {
            try store.updateTenant(tenant, name: "Taken", maxTrys: nil, circuitBreakerTimer: nil)
        }
        #expect(try store.updateTenant(makeID(), name: "X", maxTrys: nil, circuitBreakerTimer: nil) == nil)
    }

    @Test func aRotatedSecretStaysValidForTheOverlap() throws {
        let tenant = try makeTenant(in: store)
        try store.rotateWebhookSecret(of: tenant, sealed: [2], overlap: .seconds(600))
        let both = try store.webhookSecrets(of: tenant)
        #expect(both.map(\.sealed) == [[2], Array("first secret".utf8)])
        #expect(both[0].validUntil == nil)
        #expect(abs((try #require(both[1].validUntil) - now()).inSeconds - 600) < 60)
    }

    /// A leaked secret is dead when it is replaced without an overlap, and so is what an earlier overlap kept alive.
    @Test(arguments: [Duration.zero, .seconds(60)])
    func aRotationEndsWhatTheOneBeforeKeptValid(overlap: Duration) throws {
        let tenant = try makeTenant(in: store)
        try store.rotateWebhookSecret(of: tenant, sealed: [2], overlap: .seconds(604_800))
        try store.rotateWebhookSecret(of: tenant, sealed: [3], overlap: overlap)
        let valid: [[UInt8]] = overlap == .zero ? [[3]] : [[3], [2]]
        #expect(try store.webhookSecrets(of: tenant).map(\.sealed) == valid)
        let destination = try makeDestination(in: store, tenant: tenant)
        #expect(try store.destinations([destination]).first?.secrets.map(\.sealed) == valid)
    }

    @Test func concurrentRotationsLeaveOneCurrentSecret() throws {
        let tenant = try makeTenant(in: store)
        let database = database
        _ = try inParallel(4) { index in
            let store = database.makeStore(.management())
            for round in 0..<5 {
                try store.rotateWebhookSecret(of: tenant, sealed: [UInt8(index), UInt8(round)], overlap: .seconds(60))
            }
        }
        let secrets = try store.webhookSecrets(of: tenant)
        #expect(secrets.count == 2)
        #expect(secrets.filter { $0.validUntil == nil }.count == 1)
    }
}
