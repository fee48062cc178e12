import Domain
import Glibc
import Ports
import Testing

@testable import PostgresStore

@Suite("Entries for open streams", .needsPostgres)
struct StreamTests {
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

    private func listen() throws -> StreamCursor {
        try store.keepEntries(of: [tenant], memory: .seconds(300))
        let barrier = try store.streamHorizon().next
        let start = try horizon(atLeast: barrier)
        return StreamCursor(tenantID: tenant, position: StreamPosition(transaction: start, entry: 0))
    }

    /// When all older transactions have ended, those of other tests' databases among them.
    @discardableResult
    private func horizon(atLeast barrier: Int64) throws -> Int64 {
        let deadline = ContinuousClock.now + .seconds(60)
        while .now < deadline {
            let horizon = try store.streamHorizon().oldestRunning
            if horizon >= barrier { return horizon }
            sched_yield()
        }
        throw StoreError.unavailable("an older transaction runs for a minute")
    }

    private func entries(after cursor: StreamCursor, limit: Int = 100) throws -> [StreamEntry] {
        try horizon(atLeast: store.streamHorizon().next)
        let page = try store.entries(after: [cursor], limit: limit)[0]
        #expect(page.isComplete)
        return page.entries
    }

    private func types(after cursor: StreamCursor) throws -> [String] { try entries(after: cursor).map(\.type) }

    /// One of everything that is announced.
    private func changeEverything() throws {
        let other = try makeDestination(in: store, tenant: tenant)
        var record = try #require(try store.destination(destination, of: tenant))
        record.url = "https://elsewhere.example/in"
        _ = try store.updateDestination(record)
        let sender = SenderRecord(
            id: makeID(), tenantID: tenant, destinationID: other, label: nil, mapping: nil, createdAt: now(),
            updatedAt: now())
        try store.createSender(sender, tokenHash: makeHash())
        _ = try store.deleteSender(sender.id, of: tenant)
        let key = APIKeyRecord(id: makeID(), tenantID: tenant, name: "shipper", createdAt: now(), revokedAt: nil)
        try store.createAPIKey(key, hash: makeHash())
        _ = try store.revokeAPIKey(key.id, of: tenant, at: now())
        let user = makeUser(of: tenant, role: .viewer)
        try store.createUser(user)
        var promoted = user
        promoted.role = .developer
        _ = try store.updateUser(promoted, from: user, endingSessions: true)
        _ = try store.deleteUser(user.id, of: tenant)
        _ = try store.updateTenant(tenant, name: nil, maxTrys: 3, circuitBreakerTimer: nil)
        try database.makeConnection().execute("DELETE FROM destinations WHERE id = '\(other)'")
        let event = makeEvent(tenant: tenant, destination: destination)
        _ = try store.accept([event], dueAfter: .zero)
        try store.markProcessing([event.item.eventID])
        let breaker = BreakerRecord(
            destinationID: destination, state: .open, consecutiveFailures: 5, nextProbeAt: now())
        _ = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1), .authenticationFailed)], breakers: [breaker])
        _ = try store.replay(event.item.eventID, of: tenant)
        _ = try store.cancelWaiting(
            destination: destination, of: tenant, limit: 5, for: Purge(id: makeID(), actor: "ops@example.net"))
    }

    @Test func withoutListenersNothingIsWritten() throws {
        try changeEverything()
        #expect(try database.makeConnection().text("SELECT count(*) FROM stream_entries") == "0")
        // Nor for a tenant beside one that has some.
        try store.keepEntries(of: [makeTenant(in: store)], memory: .seconds(300))
        try changeEverything()
        #expect(try database.makeConnection().text("SELECT count(*) FROM stream_entries") == "0")
    }

    @Test func everyChangeIsAnnouncedInOrder() throws {
        let cursor = try listen()
        try changeEverything()
        let told = try types(after: cursor)
        #expect(
            told == [
                "destination.created", "destination.updated", "sender.created", "sender.deleted", "apikey.created",
                "apikey.deleted", "notification.created", "user.created", "user.updated", "user.deleted",
                "tenant.updated", "destination.deleted", "event.created", "event.updated", "event.updated",
                "destination.updated", "notification.created", "event.updated", "event.updated",
                "notification.created",
            ])
    }

    @Test func anEventIsAnnouncedOnceHoweverOftenItIsAccepted() throws {
        let cursor = try listen()
        let events = (0..<5).map { makeEvent(tenant: tenant, destination: destination, key: $0 < 3 ? "k\($0)" : nil) }
        _ = try store.accept(events, dueAfter: .zero)
        _ = try store.accept(events, dueAfter: .zero)
        let repeated = (0..<3).map { makeEvent(tenant: tenant, destination: destination, key: "k\($0)") }
        _ = try store.accept(repeated, dueAfter: .zero)
        let entries = try entries(after: cursor)
        #expect(entries.map(\.type) == [String](repeating: "event.created", count: 5))
        #expect(Set(entries.map(\.subject)) == Set(events.map { $0.item.eventID.cast() }))
        // Parking moves no event on.
        _ = try store.settle(events.map { makeSettlement($0.item, .parked(dueAt: nil)) }, breakers: [])
        #expect(try types(after: cursor).count == 5)
    }

    @Test func pagesGoOnWhereTheLastOneEnded() throws {
        var cursor = try listen()
        let events = (0..<7).map { _ in makeEvent(tenant: tenant, destination: destination) }
        for event in events { _ = try store.accept([event], dueAfter: .zero) }
        var seen: [EventID] = []
        for expected in [3, 3, 1, 0] {
            let page = try entries(after: cursor, limit: 3)
            #expect(page.count == expected)
            seen += page.map { $0.subject.cast() }
            cursor.position = page.last?.position ?? cursor.position
        }
        #expect(seen == events.map(\.item.eventID))
    }

    @Test func whatAnOlderTransactionMayStillWriteIsWaitedFor() throws {
        let cursor = try listen()
        let slow = database.makeConnection()
        try slow.execute("BEGIN")
        try slow.execute("UPDATE tenants SET max_trys = 9 WHERE id = '\(tenant)'")
        _ = try store.accept([makeEvent(tenant: tenant, destination: destination)], dueAfter: .zero)
        // The event is committed and comes after what the slow transaction wrote: telling it now would skip that.
        #expect(try store.entries(after: [cursor], limit: 100)[0].entries == [])
        try slow.execute("COMMIT")
        #expect(try types(after: cursor) == ["tenant.updated", "event.created"])
    }

    @Test func aReaderFromBeforeWhatIsKeptHearsOfIt() throws {
        let cursor = try listen()
        let stranger = StreamCursor(tenantID: try makeTenant(in: store), position: cursor.position)
        var restored = cursor
        restored.position.transaction += 1_000_000
        #expect(
            try store.entries(after: [cursor, stranger, restored], limit: 1).map(\.isComplete) == [true, false, false])
        _ = try store.accept([makeEvent(tenant: tenant, destination: destination)], dueAfter: .zero)
        let last = try #require(try entries(after: cursor).last)

        let report = try store.runHousekeeping(now: now() + .seconds(299))
        #expect(report.deleted == 0)
        _ = try store.runHousekeeping(now: now() + .seconds(301))
        #expect(try database.makeConnection().text("SELECT count(*) FROM stream_entries") == "0")
        // Nobody listened that long, so the interest went as well; one that comes anew begins after the gap.
        #expect(try store.entries(after: [cursor], limit: 1)[0].isComplete == false)
        try store.keepEntries(of: [tenant], memory: .seconds(300))
        let kept = StreamCursor(tenantID: tenant, position: last.position)
        #expect(try store.entries(after: [kept], limit: 1)[0].isComplete == false)
    }

    @Test func deletingOldEntriesLeavesReadersThatKeptUpAlone() throws {
        let cursor = try listen()
        _ = try store.accept([makeEvent(tenant: tenant, destination: destination)], dueAfter: .zero)
        let last = try #require(try entries(after: cursor).last)
        try store.keepEntries(of: [tenant], memory: .seconds(900))
        _ = try store.runHousekeeping(now: now() + .seconds(400))
        let kept = StreamCursor(tenantID: tenant, position: last.position)
        #expect(try store.entries(after: [cursor, kept], limit: 1).map(\.isComplete) == [false, true])
    }

    @Test func aTicketIsGoodOnceAndNotForLong() throws {
        let user = makeUser(of: tenant)
        try store.createUser(user)
        let listener = StreamListener(
            tokenID: makeID(), tokenExpiresAt: Timestamp(seconds: now().seconds + 900), userID: user.id,
            tenantID: tenant, role: .owner, email: user.email)
        let (good, old) = (makeHash(), makeHash())
        try store.createStreamTicket(hash: good, for: listener, expiresAt: now() + .seconds(30))
        try store.createStreamTicket(hash: old, for: listener, expiresAt: now() - .seconds(1))
        #expect(try store.useStreamTicket(hash: makeHash()) == nil)
        #expect(try store.useStreamTicket(hash: old) == nil)
        let (database, tries) = (database, 4)
        let used = try inParallel(tries) { _ in
            try database.makeStore(.management()).useStreamTicket(hash: good)
        }
        #expect(used.compactMap { $0 } == [listener])
    }

    @Test func tokensEndWithTheirUserAndByDenial() throws {
        let listeners = try (0..<4).map { _ in
            let user = makeUser(of: tenant, role: .viewer)
            try store.createUser(user)
            return StreamListener(
                tokenID: makeID(), tokenExpiresAt: now(), userID: user.id, tenantID: tenant, role: .viewer, email: "")
        }
        #expect(try store.endedTokens(of: listeners) == [])
        try store.denyAccessToken(listeners[0].tokenID, until: now() + .seconds(60))
        _ = try store.deleteUser(listeners[1].userID, of: tenant)
        try database.makeConnection().execute("UPDATE users SET status = 1 WHERE id = '\(listeners[2].userID)'")
        #expect(try store.endedTokens(of: listeners) == Set(listeners[..<3].map(\.tokenID)))
    }
}
