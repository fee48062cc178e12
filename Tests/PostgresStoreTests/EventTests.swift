import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Events as the API shows them", .needsPostgres)
struct EventTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let destination: DestinationID

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        tenant = try makeTenant(in: store)
        destination = try makeDestination(in: store, tenant: tenant)
    }

    private func accept(_ count: Int = 1) throws -> [NewEvent] {
        let events = (0..<count).map {
            makeEvent(tenant: tenant, destination: destination, acceptedAt: now() - .seconds(60 - $0))
        }
        _ = try store.accept(events, dueAfter: .seconds(300))
        return events
    }

    private func fail(_ event: NewEvent, _ disposition: Settlement.Disposition) throws {
        _ = try store.settle([makeSettlement(event.item, attempt: makeAttempt(1), disposition)], breakers: [])
    }

    @Test func anEventIsShownToItsTenantOnly() throws {
        let event = makeEvent(tenant: tenant, destination: destination, key: "order-17")
        _ = try store.accept([event], dueAfter: .seconds(300))
        let shown = try #require(try store.event(event.item.eventID, of: tenant))
        #expect(shown.item == event.item && shown.status == .pending && shown.idempotencyKey == "order-17")
        #expect(shown.destinationURL == "https://receiver.example/in" && shown.deliveredAt == nil)
        #expect(shown.nextAttemptAt == event.item.acceptedAt + .seconds(300))
        #expect(try store.event(event.item.eventID, of: makeID()) == nil)
        #expect(try store.owner(ofEvent: event.item.eventID) == tenant)
        #expect(try store.owner(ofEvent: makeID()) == nil)
    }

    @Test func attemptsAreReadAsWrittenOldestFirst() throws {
        let event = try accept()[0]
        let (first, second) = (makeAttempt(1, .timeout, status: 0), makeAttempt(2, .succeeded, status: 200))
        _ = try store.settle([makeSettlement(event.item, attempt: first, .waitingRetry(dueAt: now()))], breakers: [])
        _ = try store.settle(
            [makeSettlement(event.item, attemptsFinished: 1, attempt: second, .succeeded(at: now()))], breakers: [])
        func attempts(limit: Int, tenant: TenantID) throws -> ([AttemptRecord], Int) {
            try store.attempts(of: event.item.eventID, tenant: tenant, limit: limit)
        }
        #expect(try attempts(limit: 2, tenant: tenant) == ([first, second], 2))
        #expect(try attempts(limit: 1, tenant: tenant) == ([second], 2))
        #expect(try attempts(limit: 2, tenant: makeID()) == ([], 0))
    }

    @Test(arguments: [Settlement.Disposition.criticalFailure, .authenticationFailed])
    func aFailedEventIsReplayedWithANewRound(_ disposition: Settlement.Disposition) throws {
        let event = try accept()[0]
        try fail(event, disposition)
        #expect(try store.replay(event.item.eventID, of: makeID()) == nil)
        let replayed = try #require(try store.replay(event.item.eventID, of: tenant))
        #expect(replayed.status == .pending && replayed.nextAttemptAt != nil)
        #expect(replayed.item.attemptsFinished == 1 && replayed.item.attemptsThisRound == 0)
        #expect(try store.dueWork(for: [(destination, 1)], held: []).map(\.eventID) == [event.item.eventID])
        #expect(try store.replay(event.item.eventID, of: tenant) == nil)
    }

    @Test func ofTwoReplaysAtOnceOneSucceeds() throws {
        let event = try accept()[0]
        try fail(event, .criticalFailure)
        let (database, tenant) = (database, tenant)
        let replays = try inParallel(4) { _ in
            try database.makeStore(.management()).replay(event.item.eventID, of: tenant) != nil
        }
        #expect(replays.filter { $0 }.count == 1)
    }

    @Test func cancellingTakesWhatWaitsAndLeavesTheRest() throws {
        let events = try accept(6)
        try fail(events[0], .waitingRetry(dueAt: now()))
        try fail(events[1], .criticalFailure)
        try store.markProcessing([events[2].item.eventID])
        #expect(try store.destinationsWithWaitingEvents(of: tenant) == [destination])
        #expect(try store.destinationsWithWaitingEvents(of: makeID()) == [])
        #expect(try store.cancelWaiting(destination: destination, of: makeID(), limit: 10) == 0)
        // In portions.
        #expect(try store.cancelWaiting(destination: destination, of: tenant, limit: 3) == 3)
        #expect(try store.cancelWaiting(destination: destination, of: tenant, limit: 3) == 1)
        #expect(try store.cancelWaiting(destination: destination, of: tenant, limit: 3) == 0)
        #expect(try store.destinationsWithWaitingEvents(of: tenant) == [])
        #expect(try database.makeConnection().text("SELECT count(*) FROM events WHERE status = 6") == "4")
        #expect(try store.event(events[2].item.eventID, of: tenant)?.status == .processing)
        #expect(try store.stillWaiting(events.map { ($0.item.eventID, 0) }) == [events[2].item.eventID])
    }

    @Test func aPurgeEndsAlthoughEventsKeepComing() throws {
        let tenant = try makeTenant(in: store)
        let destination = try makeDestination(in: store, tenant: tenant)
        let began = now() - .seconds(60)
        let purge = Purge(id: makeID(at: began), actor: "jo@example.net")
        // Just before it, and of a node whose clock is a little ahead; then two that came afterwards.
        let times = [began - .milliseconds(1), began + .milliseconds(900), began + .seconds(2), now()]
        let events = times.map { makeEvent(tenant: tenant, destination: destination, acceptedAt: $0) }
        _ = try store.accept(events, dueAfter: .seconds(30))
        let counts = try (0..<3).map { _ in
            try store.cancelWaiting(destination: destination, of: tenant, limit: 1, for: purge)
        }
        #expect(counts == [1, 1, 0])
        let statuses = try events.map { try store.event($0.item.eventID, of: tenant)?.status }
        #expect(statuses == [.cancelled, .cancelled, .pending, .pending])
    }

    @Test func aPoolServesMoreThreadsThanItHasStores() throws {
        let pool = PostgresPool(url: database.url, size: 2)
        let (tenant, database) = (tenant, database)
        let read = try inParallel(8) { _ in
            try (0..<10).map { _ in try pool.withStore { try $0.tenant(tenant)?.id } }
        }
        #expect(read.joined().allSatisfy { $0 == tenant })
        let opened = try database.makeConnection().text(
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'hooksentry management' AND pid <> (
                SELECT min(pid) FROM pg_stat_activity WHERE datname = current_database()
                AND application_name = 'hooksentry management')
            """)
        // This suite's own store is one of them; of the pool's two, both or one were needed.
        #expect(["1", "2"].contains(opened))
    }
}
