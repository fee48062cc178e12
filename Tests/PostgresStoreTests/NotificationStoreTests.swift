import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Notifications", .needsPostgres)
struct NotificationStoreTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let destination: DestinationID

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        tenant = try makeTenant(in: store)
        destination = try makeDestination(in: store, tenant: tenant)
    }

    private func list(read: Bool? = nil, of tenant: TenantID? = nil) throws -> [NotificationRecord] {
        let query = PageQuery(offset: 0, limit: 50, sort: "createdAt", descending: false)
        let page = try store.notifications(of: tenant ?? self.tenant, read: read, query)
        #expect(page.total == page.rows.count)
        return page.rows
    }

    private func setBreaker(_ state: CircuitBreaker.State, failures: Int = 5) throws {
        let breaker = BreakerRecord(
            destinationID: destination, state: state, consecutiveFailures: failures, nextProbeAt: nil)
        _ = try store.settle([], breakers: [breaker])
    }

    @Test func aBreakerTellsWhenItOpensAndWhenItRecovers() throws {
        try setBreaker(.closed, failures: 4)
        #expect(try list() == [])
        for state in [CircuitBreaker.State.open, .halfOpen, .open, .halfOpen] { try setBreaker(state) }
        #expect(try list().map(\.type) == ["breaker_opened"])
        try setBreaker(.closed, failures: 0)
        let told = try list()
        #expect(told.map(\.type) == ["breaker_opened", "breaker_recovered"])
        #expect(told.allSatisfy { $0.destinationID == destination && $0.count == 1 && $0.readAt == nil })
        #expect(told[0].body == "Deliveries to https://receiver.example/in wait after 5 failures in a row.")
    }

    @Test func aBreakerThatFlapsIsCountedAndComesBackUnread() throws {
        try setBreaker(.open)
        _ = try store.markAllRead(of: tenant)
        for _ in 0..<3 {
            try setBreaker(.closed, failures: 0)
            try setBreaker(.open)
        }
        let told = try list()
        // The window may end in the middle of this test: then it is told once more.
        #expect(told.count <= 4)
        #expect(told.filter { $0.type == "breaker_opened" }.map(\.count).reduce(0, +) == 4)
        #expect(told.filter { $0.type == "breaker_recovered" }.map(\.count).reduce(0, +) == 3)
        #expect(told.last { $0.type == "breaker_opened" }?.readAt == nil)
    }

    @Test func aThousandCriticalFailuresAreOneNotification() throws {
        let events = (0..<1_000).map { _ in makeEvent(tenant: tenant, destination: destination) }
        _ = try store.accept(events, dueAfter: .zero)
        for start in stride(from: 0, to: 1_000, by: 250) {
            let batch = events[start..<start + 250].map {
                makeSettlement($0.item, attempt: makeAttempt(1), .criticalFailure)
            }
            _ = try store.settle(batch, breakers: [])
            // Repeating a batch tells nothing twice.
            _ = try store.settle(batch, breakers: [])
        }
        let told = try list()
        #expect(told.count <= 2)
        #expect(told.map(\.count).reduce(0, +) == 1_000)
        #expect(told.allSatisfy { $0.type == "event_critical_failure" && $0.destinationID == destination })
    }

    @Test func whatPeopleDoIsTold() throws {
        #expect(try store.rotateDestinationToken(destination, of: tenant, tokenHash: makeHash()))
        let sender = SenderRecord(
            id: makeID(), tenantID: tenant, destinationID: destination, label: "billing", mapping: nil,
            createdAt: now(), updatedAt: now())
        try store.createSender(sender, tokenHash: makeHash())
        #expect(try store.rotateSenderToken(sender.id, of: tenant, tokenHash: makeHash()))
        try store.rotateWebhookSecret(of: tenant, sealed: [1], overlap: .seconds(60))
        let key = APIKeyRecord(id: makeID(), tenantID: tenant, name: "shipper", createdAt: now(), revokedAt: nil)
        try store.createAPIKey(key, hash: makeHash())
        _ = try store.revokeAPIKey(key.id, of: tenant, at: now())
        #expect(try store.revokeAPIKey(key.id, of: tenant, at: now()) == nil)
        _ = try store.accept(
            (0..<3).map { _ in makeEvent(tenant: tenant, destination: destination) }, dueAfter: .zero)
        let purge = Purge(id: makeID(), actor: "ops@example.net")
        for expected in [2, 1, 0] {
            #expect(try store.cancelWaiting(destination: destination, of: tenant, limit: 2, for: purge) == expected)
        }
        let told = try list()
        #expect(
            told.map(\.type) == [
                "ingest_token_rotated", "ingest_token_rotated", "webhook_secret_rotated", "api_key_revoked",
                "queue_purged",
            ])
        #expect(
            told.map(\.body) == [
                "The ingest token of the destination https://receiver.example/in was replaced.",
                "The ingest token of the sender billing was replaced.",
                "The secret that signs deliveries was replaced.", "The API key shipper was revoked.",
                "ops@example.net cancelled 3 waiting events for https://receiver.example/in.",
            ])
    }

    @Test func readingIsForTheTenantAlone() throws {
        try setBreaker(.open)
        try store.rotateWebhookSecret(of: tenant, sealed: [1], overlap: .zero)
        let other = try makeTenant(in: store)
        let id = try list()[0].id
        #expect(try store.owner(ofNotification: id) == tenant)
        #expect(try store.markRead(id, of: other) == nil)
        #expect(try store.notification(id, of: other) == nil)
        #expect(try store.markAllRead(of: other) == 0)
        let first = try #require(try store.markRead(id, of: tenant))
        #expect(first.readAt != nil)
        #expect(try store.markRead(id, of: tenant) == first)
        #expect(try list(read: true).map(\.id) == [id])
        #expect(try list(read: false).count == 1)
        #expect(try store.markAllRead(of: tenant) == 1)
        #expect(try list(read: false) == [])
        #expect(try list(of: other) == [])
    }

    @Test func thePlatformTellsWhoUsesAComponent() throws {
        let notice = PlatformNotice(
            type: .pluginQuarantined, title: "Plugin out of service", body: "BearerToken is out of service.",
            subject: "authenticator/BearerToken")
        let other = try makeTenant(in: store)
        _ = try makeDestination(in: store, tenant: other)
        _ = try makeTenant(in: store)
        #expect(try store.notify(notice, usersOf: .authenticator, plugin: "BearerToken") == 2)
        #expect(try store.notify(notice, usersOf: .authenticator, plugin: "BearerToken") == 2)
        #expect(try store.notify(notice, usersOf: .transformer, plugin: "Mapping") == 2)
        #expect(try store.notify(notice, usersOf: .retryPolicy, plugin: "Fixed") == 0)
        for tenant in [tenant, other] { #expect(try list(of: tenant).map(\.count).reduce(0, +) == 3) }
    }

    @Test func theyGoInTheEnd() throws {
        try setBreaker(.open)
        _ = try store.runHousekeeping(now: now() + .seconds(89 * 86_400))
        #expect(try list().count == 1)
        _ = try store.runHousekeeping(now: now() + .seconds(91 * 86_400))
        #expect(try list() == [])
    }
}
