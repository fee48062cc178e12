import Domain
import Foundation
import Ports
import TestSupport
import Testing

@testable import PostgresStore

@Suite("Changes from other nodes", .needsPostgres)
struct ChangeListenerTests {
    let database: TestDatabase
    let store: PostgresStore
    let listener: ChangeListener
    private let pipe = Pipe()

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        listener = ChangeListener(url: database.url, wakeDescriptor: pipe.fileHandleForReading.fileDescriptor)
        #expect(listener.next(timeout: .seconds(5)) == [.everything])
    }

    /// All that comes until `last` has come.
    private func changes(until last: DirectoryChange) -> [DirectoryChange] {
        var all: [DirectoryChange] = []
        _ = eventually {
            all += listener.next(timeout: .milliseconds(200))
            return all.contains(last)
        }
        return all
    }

    @Test func tellOfTenantsKeysAndSecrets() throws {
        let tenant = try makeTenant(in: store)
        #expect(changes(until: .tenant(tenant)).contains(.tenant(tenant)))
        let key = APIKeyRecord(id: makeID(), tenantID: tenant, name: "k", createdAt: now(), revokedAt: nil)
        try store.createAPIKey(key, hash: makeHash())
        #expect(changes(until: .tenant(tenant)) == [.tenant(tenant)])
        _ = try store.revokeAPIKey(key.id, of: tenant, at: now())
        #expect(changes(until: .tenant(tenant)) == [.tenant(tenant)])
        try store.rotateWebhookSecret(of: tenant, sealed: [9], overlap: .zero)
        #expect(changes(until: .tenant(tenant)).allSatisfy { $0 == .tenant(tenant) })
    }

    @Test func tellOfDestinationsTheirSendersAndWhatBecomesDue() throws {
        let tenant = try makeTenant(in: store)
        var destination = makeDestinationRecord(of: tenant)
        try store.createDestination(destination, shard: Shard(1), tokenHash: makeHash())
        #expect(changes(until: .destination(destination.id)).contains(.destination(destination.id)))

        let sender = SenderRecord(
            id: makeID(), tenantID: tenant, destinationID: destination.id, label: nil, mapping: nil, createdAt: now(),
            updatedAt: now())
        try store.createSender(sender, tokenHash: makeHash())
        #expect(changes(until: .destination(destination.id)) == [.destination(destination.id)])
        #expect(try store.deleteSender(sender.id, of: tenant))
        #expect(changes(until: .destination(destination.id)) == [.destination(destination.id)])

        destination.status = .inactive
        #expect(try store.updateDestination(destination) == .done)
        #expect(changes(until: .destination(destination.id)) == [.destination(destination.id)])
        destination.status = .active
        destination.settingsVersion = 2
        #expect(try store.updateDestination(destination) == .done)
        #expect(
            Set(changes(until: .due(destination.id)).map { "\($0)" })
                == ["\(DirectoryChange.destination(destination.id))", "\(DirectoryChange.due(destination.id))"])
    }

    @Test func tellOfAnOpenedDestinationOnlyOnceNothingHoldsItAnyMore() throws {
        let tenant = try makeTenant(in: store)
        var destination = makeDestinationRecord(of: tenant)
        destination.status = .inactive
        try store.createDestination(destination, shard: Shard(1), tokenHash: makeHash())
        _ = try store.pauseDestination(destination.id, of: tenant, at: now())
        _ = try store.pauseDestination(destination.id, of: tenant, at: nil)
        _ = try store.pauseDestination(destination.id, of: tenant, at: now())
        destination.status = .active
        #expect(try store.updateDestination(destination) == .done)
        _ = try store.updateTenant(tenant, name: nil, maxTrys: 3, circuitBreakerTimer: nil)
        #expect(!changes(until: .tenant(tenant)).contains(.due(destination.id)))
        _ = try store.pauseDestination(destination.id, of: tenant, at: nil)
        #expect(changes(until: .due(destination.id)).contains(.due(destination.id)))
    }

    @Test func tellOfCancelledEvents() throws {
        let tenant = try makeTenant(in: store)
        let destination = try makeDestination(in: store, tenant: tenant)
        _ = try store.accept([makeEvent(tenant: tenant, destination: destination)], dueAfter: .zero)
        #expect(try store.cancelWaiting(destination: destination, of: tenant, limit: 5) == 1)
        #expect(changes(until: .cancelled(destination)).contains(.cancelled(destination)))
    }

    @Test func aWriteThatRollsBackTellsNothing() throws {
        let tenant = try makeTenant(in: store)
        _ = changes(until: .tenant(tenant))
        #expect(throws: StoreError.self) {
            try store.connection.transaction { () throws(StoreError) in
                _ = try store.updateTenant(tenant, name: "renamed", maxTrys: nil, circuitBreakerTimer: nil)
                try store.connection.execute("SELECT 1 / 0")
            }
        }
        _ = try store.updateTenant(tenant, name: nil, maxTrys: 3, circuitBreakerTimer: nil)
        #expect(changes(until: .tenant(tenant)) == [.tenant(tenant)])
    }

    @Test func aLostConnectionIsMadeAgainAndEverythingMayHaveChanged() throws {
        try store.connection.execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'hooksentry changes' AND datname = current_database()
            """)
        #expect(changes(until: .everything) == [.everything])
        let tenant = try makeTenant(in: store)
        #expect(changes(until: .tenant(tenant)).contains(.tenant(tenant)))
    }

    @Test func aWakeEndsTheWait() throws {
        try pipe.fileHandleForWriting.write(contentsOf: [1])
        let spent = ContinuousClock().measure { #expect(listener.next(timeout: .seconds(60)) == []) }
        #expect(spent < .seconds(30))
    }

    @Test func whileTheServerIsAwayTheAnswerIsEmpty() {
        let away = ChangeListener(
            url: "postgresql://127.0.0.1:1/none", wakeDescriptor: pipe.fileHandleForReading.fileDescriptor)
        #expect(away.next(timeout: .milliseconds(10)) == [])
        #expect(away.next(timeout: .milliseconds(10)) == [])
    }
}

@Suite("Notifications")
struct NotificationTests {
    private static let id = ID<Never>("0198c0de-0000-7abc-8def-0123456789ab")!

    @Test(arguments: [
        ("d:\(id)", DirectoryChange.destination(id.cast())), ("t:\(id)", .tenant(id.cast())),
        ("due:\(id)", .due(id.cast())), ("cancelled:\(id)", .cancelled(id.cast())),
        ("x:\(id)", .everything), ("d:", .everything), ("", .everything),
    ])
    func areReadOrTakenForEverything(_ payload: String, _ change: DirectoryChange) {
        #expect(DirectoryChange(notification: payload) == change)
    }
}
