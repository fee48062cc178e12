import Domain
import Foundation
import Ports
import Testing

@testable import PostgresStore

@Suite("Accepting events", .needsPostgres)
struct AcceptTests {
    let database: TestDatabase
    let store: PostgresStore

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
    }

    @Test func storesEveryFieldOfAnEvent() throws {
        var event = makeEvent(payload: Array("{ \"n\": 1e400, \"ü\":12345678901234567890 }\n".utf8))
        event.senderID = makeID()
        event.item.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        event.mappingError = "field total: not a number"
        #expect(try store.accept([event, makeEvent()], dueAfter: .seconds(-1)) == [.accepted, .accepted])

        let work = try store.dueWork(for: [(event.item.destinationID, 10)], held: [])
        #expect(work == [event.item])
        let row = try database.makeConnection().text(
            """
            SELECT (status, shard, sender_id, mapping_error, due_at - accepted_at) FROM events
            WHERE id = '\(event.item.eventID)'
            """)
        #expect(row == "(0,3,\(event.senderID!),\"field total: not a number\",-00:00:01)")
    }

    @Test func anEmptyBatchIsNothing() throws {
        #expect(try store.accept([], dueAfter: .zero) == [])
    }

    @Test func aBatchWhoseAnswerGotLostCanBeRepeated() throws {
        let batch = [makeEvent(), makeEvent()]
        _ = try store.accept(batch, dueAfter: .seconds(30))
        #expect(try store.accept(batch + [makeEvent()], dueAfter: .seconds(30)) == [.accepted, .accepted, .accepted])
        #expect(try database.makeConnection().text("SELECT count(*) FROM events") == "3")

        let keyed = [makeEvent(key: "once"), makeEvent()]
        _ = try store.accept(keyed, dueAfter: .seconds(30))
        #expect(try store.accept(keyed, dueAfter: .seconds(30)) == [.accepted, .accepted])
        #expect(try database.makeConnection().text("SELECT count(*) FROM events") == "5")
    }

    @Test func theLoserOfAKeyGetsTheWinner() throws {
        let tenant: TenantID = makeID()
        let first = makeEvent(tenant: tenant, key: "order-17")
        #expect(try store.accept([first], dueAfter: .seconds(30)) == [.accepted])
        _ = try store.settle(
            [makeSettlement(first.item, attempt: makeAttempt(1, .succeeded, status: 200), .succeeded(at: now()))],
            breakers: [])

        let results = try store.accept(
            [
                makeEvent(tenant: tenant, key: "order-17"), makeEvent(tenant: tenant, key: "order-18"),
                makeEvent(key: "order-17"), makeEvent(tenant: tenant),
            ], dueAfter: .seconds(30))
        #expect(
            results == [
                .duplicate(first.item.eventID, .succeeded, acceptedAt: first.item.acceptedAt), .accepted, .accepted,
                .accepted,
            ])
        #expect(try database.makeConnection().text("SELECT count(*) FROM events") == "4")
    }

    @Test func anExpiredKeyIsFree() throws {
        let tenant: TenantID = makeID()
        let brief = database.makeStore(idempotencyWindow: .zero)
        #expect(try brief.accept([makeEvent(tenant: tenant, key: "k")], dueAfter: .zero) == [.accepted])
        #expect(try store.accept([makeEvent(tenant: tenant, key: "k")], dueAfter: .zero) == [.accepted])
        guard case .duplicate = try store.accept([makeEvent(tenant: tenant, key: "k")], dueAfter: .zero)[0] else {
            Issue.record("the key is taken again")
            return
        }
    }

    @Test func aKeyWhoseEventIsGoneIsFree() throws {
        let tenant: TenantID = makeID()
        let first = makeEvent(tenant: tenant, key: "k")
        _ = try store.accept([first], dueAfter: .zero)
        try database.makeConnection().execute("DELETE FROM events WHERE id = '\(first.item.eventID)'")
        let second = makeEvent(tenant: tenant, key: "k")
        #expect(try store.accept([second, makeEvent(key: "other")], dueAfter: .zero) == [.accepted, .accepted])
        #expect(
            try database.makeConnection().text("SELECT event_id FROM idempotency_keys WHERE key = 'k'")
                == second.item.eventID.description)
    }

    @Test func ofManyThreadsWithTheSameKeysOneWinsEach() throws {
        let tenant: TenantID = makeID()
        let keys = (0..<50).map { "key-\($0)" }
        let database = database
        // Each thread has the keys in another order.
        let outcomes = try inParallel(8) { thread in
            let store = database.makeStore()
            var accepted = 0
            for part in keys.shuffled().chunked(by: 10) {
                let batch = part.map { makeEvent(tenant: tenant, key: $0) }
                accepted += try store.accept(batch, dueAfter: .seconds(30)).count { $0 == .accepted }
            }
            return accepted
        }
        #expect(outcomes.reduce(0, +) == 50)
        let connection = database.makeConnection()
        #expect(try connection.text("SELECT count(*) FROM events") == "50")
        #expect(
            try connection.text(
                """
                SELECT count(*) FROM events e
                JOIN idempotency_keys k ON k.event_id = e.id AND k.key = e.idempotency_key
                """)
                == "50")
    }

    @Test func textWithNULIsStoredAndDoesNotSinkTheBatch() throws {
        var event = makeEvent()
        event.mappingError = "bad\u{0}text"
        #expect(try store.accept([event], dueAfter: .zero) == [.accepted])
        #expect(try database.makeConnection().text("SELECT mapping_error FROM events") == "bad\u{1A}text")
    }
}
