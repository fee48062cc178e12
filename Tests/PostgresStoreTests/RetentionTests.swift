import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Retention", .needsPostgres)
struct RetentionTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    private let old = Timestamp(iso8601: "2025-03-10T12:00:00Z")!
    /// The day after is still to be kept.
    private var cutoff: Timestamp { old + .seconds(86_400) }

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
        tenant = try makeTenant(in: store)
        _ = try store.ensurePartitions(from: old, to: old + .seconds(86_400))
    }

    private func text(_ sql: String) throws -> String { try database.makeConnection().text(sql) }

    private func accept(at time: Timestamp, key: String? = nil, final: Bool = true) throws -> WorkItem {
        let event = makeEvent(tenant: tenant, key: key, acceptedAt: time)
        _ = try store.accept([event], dueAfter: .zero)
        let disposition: Settlement.Disposition = final ? .succeeded(at: time) : .waitingRetry(dueAt: time)
        _ = try store.settle([makeSettlement(event.item, attempt: makeAttempt(1), disposition)], breakers: [])
        return event.item
    }

    private func drop() throws -> HousekeepingReport {
        // The time at which what is older than the cutoff is ten days old.
        try store.runHousekeeping(now: cutoff + .seconds(864_000), retention: .seconds(864_000))
    }

    @Test func anOldPartitionGoesWithItsAttemptsAndTheNextOneStays() throws {
        for index in 0..<5 { _ = try accept(at: old + .seconds(index)) }
        let kept = try accept(at: old + .seconds(86_400))
        #expect(try drop().dropped == ["events_20250310t000000"])
        #expect(try drop().dropped == [])
        #expect(try text("SELECT string_agg(id::text, ' ') FROM events") == "\(kept.eventID)")
        #expect(try text("SELECT string_agg(event_id::text, ' ') FROM attempts") == "\(kept.eventID)")
        #expect(try text("SELECT count(*) FROM pg_class WHERE relname ~ '20250310|expired'") == "0")
    }

    @Test func withoutARetentionNothingIsDropped() throws {
        _ = try accept(at: old)
        #expect(try store.runHousekeeping(now: now(), retention: nil).dropped == [])
        #expect(try text("SELECT count(*) FROM events") == "1")
    }

    @Test func whatIsNotFinalMovesOnAndGoesOnceItIs() throws {
        _ = try accept(at: old)
        let waiting = try accept(at: old, final: false)
        #expect(try drop().dropped.count == 1)
        #expect(try text("SELECT tableoid::regclass FROM events WHERE id = '\(waiting.eventID)'") == "events_default")
        #expect(try store.attempts(of: waiting.eventID, tenant: tenant, limit: 5).total == 1)
        let due = try store.dueWork(for: [(waiting.destinationID, 5)], held: [])
        #expect(due.map(\.eventID) == [waiting.eventID] && due.first?.attemptsFinished == 1)
        _ = try drop()
        #expect(try text("SELECT count(*) FROM events") == "1")

        _ = try store.settle(
            [makeSettlement(waiting, attemptsFinished: 1, attempt: makeAttempt(2), .succeeded(at: now()))],
            breakers: [])
        _ = try drop()
        #expect(try text("SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM attempts)") == "0")
    }

    @Test func aPartitionWithTooMuchUnfinishedIsKept() throws {
        try database.makeConnection().execute(
            """
            INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
                status, due_at)
            SELECT ('\("\(EventID.lowerBound(at: old))".prefix(15))' || right(gen_random_uuid()::text, 21))::uuid,
                '\(tenant)', '\(tenant)', 1, now(), '', '', '{}', 0, now()
            FROM generate_series(1, \(Retention.movedMax + 1))
            """)
        let report = try drop()
        #expect(report.dropped == [] && report.kept == ["events_20250310t000000"])
        #expect(try text("SELECT count(*) FROM events_20250310t000000") == "\(Retention.movedMax + 1)")
    }

    @Test func aPartitionWithTooLargeUnfinishedEventsIsKept() throws {
        try database.makeConnection().execute(
            """
            INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
                status, due_at)
            SELECT ('\("\(EventID.lowerBound(at: old))".prefix(15))' || right(gen_random_uuid()::text, 21))::uuid,
                '\(tenant)', '\(tenant)', 1, now(), '', '', convert_to(repeat('x', 1 << 20), 'UTF8'), 0, now()
            FROM generate_series(0, \(Retention.movedBytesMax >> 20))
            """)
        #expect(try drop().kept == ["events_20250310t000000"])
    }

    @Test func aLongReadIsNotWaitedForAndNothingIsHalfDone() throws {
        _ = try accept(at: old)
        let reader = database.makeConnection()
        try reader.execute("BEGIN; SELECT count(*) FROM events")
        let error = #expect(throws: StoreError.self) { try drop() }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try text("SELECT count(*) FROM attempts") == "1")
        // Whoever accepts meanwhile is not held up for longer than the wish for the lock lasts.
        _ = try accept(at: now())
        try reader.execute("COMMIT")
        #expect(try drop().dropped.count == 1)
    }

    @Test func severalNodesMayDropAtOnceWhileEventsComeIn() throws {
        let (database, old) = (database, old)
        _ = try store.ensurePartitions(from: old - .seconds(86_400 * 5), to: old)
        let outcomes = try inParallel(3) { thread in
            let store = database.makeStore()
            if thread > 0 {
                // A node that finds the tables busy comes back a minute later.
                let report = try? store.runHousekeeping(
                    now: old + .seconds(86_400 * 11), retention: .seconds(864_000))
                return report?.dropped ?? []
            }
            for _ in 0..<100 { _ = try store.accept([makeEvent()], dueAfter: .zero) }
            return []
        }
        #expect(Set(outcomes.joined()).count == outcomes.joined().count)
        _ = try drop()
        #expect(try text("SELECT count(*) FROM pg_class WHERE relname ~ 'events_2025030|events_20250310'") == "0")
        #expect(try text("SELECT count(*) FROM events") == "100")
    }

    @Test func whatACrashLeftDetachedIsDropped() throws {
        try database.makeConnection().execute(
            """
            ALTER TABLE events DETACH PARTITION events_20250310t000000;
            ALTER TABLE attempts DETACH PARTITION attempts_20250310t000000;
            ALTER TABLE events_20250310t000000 RENAME TO expired_events_20250310t000000;
            ALTER TABLE attempts_20250310t000000 RENAME TO expired_attempts_20250310t000000
            """)
        #expect(try drop().dropped == [])
        #expect(try text("SELECT count(*) FROM pg_class WHERE relname ~ '^expired'") == "0")
    }

    @Test func aKeyWhoseEventIsGoneCountsAsNew() throws {
        let item = try accept(at: old, key: "order-17")
        _ = try drop()
        #expect(try text("SELECT count(*) FROM idempotency_keys") == "1")
        let again = makeEvent(tenant: tenant, destination: item.destinationID, key: "order-17")
        #expect(try store.accept([again], dueAfter: .zero) == [.accepted])
        #expect(try text("SELECT event_id FROM idempotency_keys") == "\(again.item.eventID)")
        #expect(try store.event(item.eventID, of: tenant) == nil)
    }
}
