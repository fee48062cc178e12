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
        event.item.isTest = true
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

    @Test func largePayloadsAreCompressedByLZ4() throws {
        let connection = database.makeConnection()
        let offered = "SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
        let payload = Array("{\"text\":\"\(String(repeating: "a sentence, again. ", count: 5_000))\"}".utf8)
        _ = try store.accept([makeEvent(payload: payload)], dueAfter: .zero)
        let method = try connection.text("SELECT pg_column_compression(payload) FROM events")
        #expect(method == (try connection.text(offered) == "true" ? "lz4" : "pglz"))
        #expect(try connection.text("SELECT octet_length(payload) FROM events") == "\(payload.count)")
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
        let (tenant, destination): (TenantID, DestinationID) = (makeID(), makeID())
        let first = makeEvent(tenant: tenant, destination: destination, key: "order-17")
        #expect(try store.accept([first], dueAfter: .seconds(30)) == [.accepted])
        _ = try store.settle(
            [makeSettlement(first.item, attempt: makeAttempt(1, .succeeded, status: 200), .succeeded(at: now()))],
            breakers: [])

        let results = try store.accept(
            [
                makeEvent(tenant: tenant, destination: destination, key: "order-17"),
                makeEvent(tenant: tenant, destination: destination, key: "order-18"),
                makeEvent(destination: destination, key: "order-17"), makeEvent(tenant: tenant),
            ], dueAfter: .seconds(30))
        #expect(
            results == [
                .duplicate(first.item.eventID, .succeeded, acceptedAt: first.item.acceptedAt, differs: false),
                .accepted, .accepted, .accepted,
            ])
        #expect(try database.makeConnection().text("SELECT count(*) FROM events") == "4")
    }

    @Test func aKeyCountsForOneDestinationOrSenderAndAnotherPayloadIsReported() throws {
        let (tenant, destination): (TenantID, DestinationID) = (makeID(), makeID())
        func event(_ destination: DestinationID, _ sender: SenderID? = nil, payload: String = "{}") -> NewEvent {
            var event = makeEvent(tenant: tenant, destination: destination, key: "k", payload: Array(payload.utf8))
            event.senderID = sender
            return event
        }
        let sender: SenderID = makeID()
        let firsts = [event(destination), event(makeID()), event(destination, sender)]
        #expect(try store.accept(firsts, dueAfter: .zero) == [.accepted, .accepted, .accepted])
        let again = try store.accept(
            [event(destination, payload: #"{"a":1}"#), event(destination, sender)], dueAfter: .zero)
        #expect(
            again == [
                .duplicate(
                    firsts[0].item.eventID, .pending, acceptedAt: firsts[0].item.acceptedAt, differs: true),
                .duplicate(
                    firsts[2].item.eventID, .pending, acceptedAt: firsts[2].item.acceptedAt, differs: false),
            ])
    }

    @Test func aKeyFromBeforeKeysHadAScopeCountsUntilItExpires() throws {
        let (tenant, destination): (TenantID, DestinationID) = (makeID(), makeID())
        let first = makeEvent(tenant: tenant, destination: destination, key: "k")
        _ = try store.accept([first], dueAfter: .zero)
        let connection = database.makeConnection()
        try connection.execute("UPDATE idempotency_keys SET key = 'k'")
        let second = makeEvent(tenant: tenant, destination: destination, key: "k")
        let results = try store.accept([second, makeEvent(tenant: tenant, key: "other")], dueAfter: .zero)
        #expect(
            results == [
                .duplicate(first.item.eventID, .pending, acceptedAt: first.item.acceptedAt, differs: false), .accepted,
            ])
        try connection.execute("UPDATE idempotency_keys SET expires_at = now()")
        #expect(try store.accept([second], dueAfter: .zero) == [.accepted])
    }

    @Test func anExpiredKeyIsFree() throws {
        let (tenant, destination): (TenantID, DestinationID) = (makeID(), makeID())
        func again() -> NewEvent { makeEvent(tenant: tenant, destination: destination, key: "k") }
        let brief = database.makeStore(idempotencyWindow: .zero)
        #expect(try brief.accept([again()], dueAfter: .zero) == [.accepted])
        #expect(try store.accept([again()], dueAfter: .zero) == [.accepted])
        guard case .duplicate = try store.accept([again()], dueAfter: .zero)[0] else {
            Issue.record("the key is taken again")
            return
        }
    }

    @Test func aKeyWhoseEventIsGoneIsFree() throws {
        let (tenant, destination): (TenantID, DestinationID) = (makeID(), makeID())
        let first = makeEvent(tenant: tenant, destination: destination, key: "k")
        _ = try store.accept([first], dueAfter: .zero)
        try database.makeConnection().execute("DELETE FROM events WHERE id = '\(first.item.eventID)'")
        let second = makeEvent(tenant: tenant, destination: destination, key: "k")
        #expect(try store.accept([second, makeEvent(key: "other")], dueAfter: .zero) == [.accepted, .accepted])
        #expect(
            try database.makeConnection().text("SELECT event_id FROM idempotency_keys WHERE tenant_id = '\(tenant)'")
                == second.item.eventID.description)
    }

    @Test func ofManyThreadsWithTheSameKeysOneWinsEach() throws {
        let (tenant, destination): (TenantID, DestinationID) = (makeID(), makeID())
        let keys = (0..<50).map { "key-\($0)" }
        let database = database
        // Each thread has the keys in another order.
        let outcomes = try inParallel(8) { thread in
            let store = database.makeStore()
            var accepted = 0
            for part in keys.shuffled().chunked(by: 10) {
                let batch = part.map { makeEvent(tenant: tenant, destination: destination, key: $0) }
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
                JOIN idempotency_keys k ON k.event_id = e.id
                    AND k.key = e.destination_id || E'\\n' || e.idempotency_key
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
