import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Settling attempts", .needsPostgres)
struct SettleTests {
    let database: TestDatabase
    let store: PostgresStore
    let connection: PostgresConnection
    let event: NewEvent

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        connection = database.makeConnection()
        event = makeEvent()
        _ = try store.accept([event], dueAfter: .seconds(30))
    }

    /// status, attempts finished, attempts this round, final?
    private func state(of item: WorkItem) throws -> String {
        try connection.text(
            """
            SELECT (status, attempts_finished, attempts_this_round, due_at IS NULL) FROM events
            WHERE id = '\(item.eventID)'
            """)
    }

    private func attempts() throws -> String { try connection.text("SELECT count(*) FROM attempts") }

    @Test func aSuccessIsFinalAndRecorded() throws {
        let at = now()
        let moved = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1, .succeeded, status: 200), .succeeded(at: at))],
            breakers: [])
        #expect(moved == [event.item.eventID])
        #expect(try state(of: event.item) == "(2,1,1,t)")
        #expect(
            try connection.text(
                "SELECT (event_id, number, http_status, duration_us, outcome, error, plugin_chain) FROM attempts")
                == "(\(event.item.eventID),1,200,12000,succeeded,,\"Mapping 1.0.0\t34\nBearerToken 1.0.0\")")
        #expect(
            try connection.text("SELECT extract(epoch FROM delivered_at) * 1000000 FROM events")
                == "\(at.microseconds).000000")
    }

    @Test(arguments: [
        (Settlement.Disposition.waitingRetry(dueAt: now() + .seconds(60)), "(4,1,1,f)"),
        (.criticalFailure, "(5,1,1,t)"), (.authenticationFailed, "(7,1,1,t)"),
    ])
    func aFailureGoesWhereItsDispositionSays(_ disposition: Settlement.Disposition, _ expected: String) throws {
        _ = try store.settle([makeSettlement(event.item, attempt: makeAttempt(1), disposition)], breakers: [])
        #expect(try state(of: event.item) == expected)
        #expect(try attempts() == "1")
    }

    @Test func onlyTheFirstSettlementOfAnAttemptCounts() throws {
        let retry = makeSettlement(event.item, attempt: makeAttempt(1), .waitingRetry(dueAt: now()))
        #expect(try store.settle([retry], breakers: []) == [event.item.eventID])
        let late = makeSettlement(event.item, attempt: makeAttempt(1, .succeeded, status: 200), .succeeded(at: now()))
        #expect(try store.settle([late], breakers: []) == [])
        #expect(try state(of: event.item) == "(4,1,1,f)")
        #expect(try attempts() == "1")

        let next = makeSettlement(
            event.item, attemptsFinished: 1, attempt: makeAttempt(2, .succeeded), .succeeded(at: now()))
        #expect(try store.settle([next], breakers: []) == [event.item.eventID])
        #expect(try store.settle([next], breakers: []) == [])
        #expect(try state(of: event.item) == "(2,2,2,t)")
    }

    @Test func aCancelledEventStaysCancelled() throws {
        try connection.execute("UPDATE events SET status = 6, due_at = NULL")
        let late = makeSettlement(event.item, attempt: makeAttempt(1, .succeeded), .succeeded(at: now()))
        #expect(try store.settle([late], breakers: []) == [])
        #expect(try state(of: event.item) == "(6,0,0,t)")
        #expect(try attempts() == "0")
    }

    @Test func parkingCountsNoAttemptAndMakesDue() throws {
        let parked = try store.settle([makeSettlement(event.item, .parked(dueAt: nil))], breakers: [])
        #expect(parked == [event.item.eventID])
        #expect(try state(of: event.item) == "(0,0,0,f)")
        #expect(try store.dueWork(for: [(event.item.destinationID, 5)], held: []) == [event.item])

        let later = now() + .seconds(300)
        _ = try store.settle([makeSettlement(event.item, .parked(dueAt: later))], breakers: [])
        #expect(try store.dueWork(for: [(event.item.destinationID, 5)], held: []) == [])
        #expect(try attempts() == "0")
    }

    @Test func parkingTakesProcessingBack() throws {
        try store.markProcessing([event.item.eventID, makeID()])
        #expect(try state(of: event.item) == "(1,0,0,f)")
        _ = try store.settle([makeSettlement(event.item, .parked(dueAt: nil))], breakers: [])
        #expect(try state(of: event.item) == "(0,0,0,f)")

        _ = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1), .waitingRetry(dueAt: now()))], breakers: [])
        try store.markProcessing([event.item.eventID])
        _ = try store.settle([makeSettlement(event.item, attemptsFinished: 1, .parked(dueAt: nil))], breakers: [])
        #expect(try state(of: event.item) == "(4,1,1,f)")
    }

    @Test func processingIsNotWrittenOnFinalEvents() throws {
        _ = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1, .succeeded), .succeeded(at: now()))], breakers: [])
        try store.markProcessing([event.item.eventID])
        #expect(try state(of: event.item) == "(2,1,1,t)")
    }

    @Test func aMixedBatchMovesEachEventItsOwnWay() throws {
        let others = (0..<40).map { _ in makeEvent() }
        _ = try store.accept(others, dueAfter: .seconds(30))
        let batch = others.enumerated().map { index, event in
            index % 2 == 0
                ? makeSettlement(event.item, attempt: makeAttempt(1, .succeeded, status: 204), .succeeded(at: now()))
                : makeSettlement(event.item, .parked(dueAt: nil))
        }
        #expect(try store.settle(batch, breakers: []) == Set(others.map(\.item.eventID)))
        #expect(try connection.text("SELECT count(*) FROM events WHERE status = 2 AND due_at IS NULL") == "20")
        #expect(try attempts() == "20")
    }

    @Test func breakersAreWrittenWithoutSettlementsAndOverwritten() throws {
        let destination: DestinationID = makeID()
        func breaker(_ state: CircuitBreaker.State, _ failures: Int) -> BreakerRecord {
            BreakerRecord(destinationID: destination, state: state, consecutiveFailures: failures, nextProbeAt: nil)
        }
        _ = try store.settle([], breakers: [breaker(.closed, 4), breaker(.open, 5)])
        #expect(try connection.text("SELECT (state, consecutive_failures) FROM breakers") == "(1,5)")
        _ = try store.settle([], breakers: [breaker(.closed, 0)])
        #expect(try connection.text("SELECT (state, consecutive_failures) FROM breakers") == "(0,0)")
    }

    @Test func ofTwoWorkersThatSettleTheSameEventsEachMovesItsShare() throws {
        let events = (0..<200).map { _ in makeEvent() }
        _ = try store.accept(events, dueAfter: .seconds(30))
        let database = database
        let moved = try inParallel(4) { _ in
            let store = database.makeStore()
            var moved = 0
            for part in events.chunked(by: 20) {
                moved += try store.settle(
                    part.map { makeSettlement($0.item, attempt: makeAttempt(1, .succeeded), .succeeded(at: now())) },
                    breakers: []
                ).count
            }
            return moved
        }
        #expect(moved.reduce(0, +) == 200)
        #expect(try attempts() == "200")
    }
}
