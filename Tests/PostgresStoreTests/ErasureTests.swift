import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Erasing events", .needsPostgres)
struct ErasureTests {
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

    private func accept(_ key: String? = "customer-7") throws -> WorkItem {
        let event = makeEvent(tenant: tenant, destination: destination, key: key, payload: Array("{\"a\":7}".utf8))
        _ = try store.accept([event], dueAfter: .seconds(300))
        return event.item
    }

    private func settle(_ item: WorkItem, _ disposition: Settlement.Disposition) throws {
        _ = try store.settle([makeSettlement(item, attempt: makeAttempt(1), disposition)], breakers: [])
    }

    @Test func whatAFinalEventHeldIsGoneAndItsHistoryStays() throws {
        let item = try accept()
        try settle(item, .criticalFailure)
        #expect(try store.erase(item.eventID, of: makeID(), cancelWaiting: true) == .unknown)
        #expect(try store.event(item.eventID, of: tenant)?.isErased == false)
        #expect(try store.erase(item.eventID, of: tenant, cancelWaiting: false) == .done)
        #expect(try store.erase(item.eventID, of: tenant, cancelWaiting: false) == .done)
        let event = try #require(try store.event(item.eventID, of: tenant))
        #expect(event.isErased && event.idempotencyKey == nil && event.status == .criticalFailure)
        #expect(event.item.attemptsFinished == 1 && event.item.acceptedAt == item.acceptedAt)
        let attempt = try #require(try store.attempts(of: item.eventID, tenant: tenant, limit: 1).latest.first)
        #expect(attempt.responseBody == [] && attempt.requestHeaders == "" && attempt.httpStatus == 500)
        #expect(try store.replay(item.eventID, of: tenant) == nil)
    }

    @Test func whatWaitsIsCancelledFirstIfThatIsWanted() throws {
        let item = try accept()
        try settle(item, .waitingRetry(dueAt: now()))
        #expect(try store.erase(item.eventID, of: tenant, cancelWaiting: false) == .unfinished)
        #expect(try store.event(item.eventID, of: tenant)?.item.payload == item.payload)
        #expect(try store.erase(item.eventID, of: tenant, cancelWaiting: true) == .done)
        #expect(try store.event(item.eventID, of: tenant)?.status == .cancelled)
        #expect(try store.dueWork(for: [(destination, 1)], held: []).isEmpty)
    }

    @Test func whatIsBeingDeliveredHasToBecomeFinalFirst() throws {
        let item = try accept()
        try store.markProcessing([item.eventID])
        #expect(try store.erase(item.eventID, of: tenant, cancelWaiting: true) == .unfinished)
        try settle(item, .succeeded(at: now()))
        #expect(try store.erase(item.eventID, of: tenant, cancelWaiting: true) == .done)
    }

    @Test func byKeyAllOfTheTenantsEventsAreErased() throws {
        let brief = database.makeStore(idempotencyWindow: .seconds(-1))
        let events = (0..<3).map { _ in makeEvent(tenant: tenant, destination: destination, key: "customer-7") }
        for event in events { _ = try brief.accept([event], dueAfter: .seconds(300)) }
        try settle(events[0].item, .succeeded(at: now()))
        try settle(events[1].item, .authenticationFailed)
        let others = [try accept("customer-8"), try accept(nil)]
        let foreign = makeEvent(key: "customer-7")
        _ = try store.accept([foreign], dueAfter: .zero)
        #expect(
            try store.eraseEvents(idempotencyKey: "customer-7", of: tenant, cancelWaiting: false) == (2, 1))
        #expect(try store.eraseEvents(idempotencyKey: "customer-7", of: tenant, cancelWaiting: true) == (1, 0))
        #expect(try store.eraseEvents(idempotencyKey: "customer-7", of: tenant, cancelWaiting: true) == (0, 0))
        let left = try database.makeConnection().text("SELECT count(*) FROM events WHERE payload <> ''")
        #expect(left == "\(others.count + 1)")
    }
}
