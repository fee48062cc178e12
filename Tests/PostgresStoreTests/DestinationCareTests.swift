import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Pausing and deleting destinations", .needsPostgres)
struct DestinationCareTests {
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

    private func accept(_ count: Int = 1, dueAfter: Duration = .zero) throws -> [NewEvent] {
        let events = (0..<count).map {
            makeEvent(tenant: tenant, destination: destination, acceptedAt: now() - .seconds(10 - $0))
        }
        _ = try store.accept(events, dueAfter: dueAfter)
        return events
    }

    private func scans() throws -> [[DestinationID]] {
        try [now() - .seconds(60), nil].map {
            try store.destinationsWithDueWork(in: [Shard(3)], since: $0).destinations
        }
    }

    @Test func aPauseKeepsItsTimeUntilItEnds() throws {
        let since = now() - .seconds(5)
        #expect(try store.pauseDestination(destination, of: makeID(), at: since) == nil)
        #expect(try store.pauseDestination(destination, of: tenant, at: since)?.pausedAt == since)
        let again = try #require(try store.pauseDestination(destination, of: tenant, at: now()))
        #expect(again.pausedAt == since && again.settingsVersion == 1)
        #expect(try store.destinations([destination]).first?.isPaused == true)
        #expect(try store.pauseDestination(destination, of: tenant, at: nil)?.pausedAt == .some(nil))
        #expect(try store.destinations([destination]).first?.isPaused == false)
    }

    @Test func whatADeadWorkerLeftProcessingWaitsAgainIfItsDestinationIsNotOpen() throws {
        let events = try accept(3)
        let ids = events.map(\.item.eventID)
        let retried = makeSettlement(events[1].item, attempt: makeAttempt(1), .waitingRetry(dueAt: now()))
        _ = try store.settle([retried], breakers: [])
        try store.markProcessing([ids[0], ids[1]])
        func statuses() throws -> [EventStatus?] { try ids.map { try store.event($0, of: tenant)?.status } }
        try store.endProcessing(in: Shard(3))
        #expect(try statuses() == [.processing, .processing, .pending], "it will be attempted")
        _ = try store.pauseDestination(destination, of: tenant, at: now())
        try store.endProcessing(in: Shard(4))
        #expect(try statuses() == [.processing, .processing, .pending])
        try store.endProcessing(in: Shard(3))
        #expect(try statuses() == [.pending, .waitingRetry, .pending])
        #expect(try store.cancelWaiting(destination: destination, of: tenant, limit: 9) == 3)
    }

    @Test func noScanNamesAPausedDestination() throws {
        _ = try accept(3)
        #expect(try scans() == [[destination], [destination]])
        _ = try store.pauseDestination(destination, of: tenant, at: now())
        #expect(try scans() == [[], []])
        _ = try store.pauseDestination(destination, of: tenant, at: nil)
        #expect(try scans() == [[destination], [destination]])
    }

    @Test func whatWaitsForTheDestinationIsInNoOnesWayAndComesBackByItself() throws {
        let events = try accept(3)
        _ = try store.settle(events.map { makeSettlement($0.item, .parked(dueAt: .never)) }, breakers: [])
        // The frequent scan reads a range of times that these rows are not in; the full one looks for them.
        #expect(try scans() == [[], [destination]])
        let shown = try #require(try store.event(events[0].item.eventID, of: tenant))
        #expect(shown.status == .pending && shown.nextAttemptAt == nil && shown.item.attemptsFinished == 0)
        let work = try store.dueWork(for: [(destination, 2)], held: [events[0].item.eventID])
        #expect(Set(work.map(\.eventID)) == Set(events[1...].map(\.item.eventID)))

        // What has a time goes first.
        let timed = try accept()[0]
        let mixed = try store.dueWork(for: [(destination, 2)], held: [])
        #expect(mixed.count == 2 && mixed[0].eventID == timed.item.eventID)
    }

    @Test func aDestinationGoesWithItsTokensAndItsEventsStay() throws {
        let token = makeHash()
        let sender = SenderRecord(
            id: makeID(), tenantID: tenant, destinationID: destination, label: nil, mapping: nil, createdAt: now(),
            updatedAt: now())
        try store.createSender(sender, tokenHash: token)
        let event = try accept()[0]
        #expect(try store.deleteDestination(destination, of: makeID(), despiteWaiting: true) == .unknown)
        #expect(try store.deleteDestination(destination, of: tenant, despiteWaiting: false) == .hasWaitingEvents)
        let breaker = BreakerRecord(
            destinationID: destination, state: .open, consecutiveFailures: 5, nextProbeAt: now())
        _ = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1), .criticalFailure)], breakers: [breaker])
        #expect(try store.deleteDestination(destination, of: tenant, despiteWaiting: false) == .done)
        #expect(try store.deleteDestination(destination, of: tenant, despiteWaiting: false) == .unknown)

        #expect(try store.owner(ofDestination: destination) == nil)
        #expect(try store.target(ofTokenHash: token) == nil)
        #expect(try store.destinations([destination]).isEmpty)
        #expect(try database.makeConnection().text("SELECT count(*) FROM breakers") == "0")
        let shown = try #require(try store.event(event.item.eventID, of: tenant))
        #expect(shown.destinationURL == "https://receiver.example/in" && shown.status == .criticalFailure)
        #expect(try store.replay(event.item.eventID, of: tenant) == nil)
    }

    @Test func whatIsStillAcceptedForADeletedDestinationIsCancelled() throws {
        #expect(try store.deleteDestination(destination, of: tenant, despiteWaiting: true) == .done)
        let late = try accept(3, dueAfter: .seconds(30))
        try store.markProcessing([late[2].item.eventID])
        let kept = makeEvent(tenant: tenant)
        _ = try store.accept([kept], dueAfter: .zero)
        #expect(try store.runHousekeeping(now: now()).cancelled == 2)
        #expect(try store.event(late[0].item.eventID, of: tenant)?.status == .cancelled)
        // Its attempt may still succeed; one whose outcome does not come is not waited for for ever.
        #expect(try store.event(late[2].item.eventID, of: tenant)?.status == .processing)
        #expect(try store.runHousekeeping(now: now() + .seconds(660)).cancelled == 1)
        #expect(try store.event(kept.item.eventID, of: tenant)?.status == .pending)
    }
}
