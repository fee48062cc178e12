import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Partitions", .needsPostgres)
struct PartitionTests {
    let database: TestDatabase
    let store: PostgresStore

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
    }

    private func table(of event: NewEvent) throws -> String {
        try database.makeConnection().text("SELECT tableoid::regclass FROM events WHERE id = '\(event.item.eventID)'")
    }

    private func tableOfAttempts() throws -> String {
        try database.makeConnection().text("SELECT tableoid::regclass FROM attempts")
    }

    @Test func rowsLieInThePartitionOfTheirID() throws {
        let event = makeEvent()
        _ = try store.accept([event], dueAfter: .seconds(30))
        let day = event.item.acceptedAt.description.prefix(10).filter { $0 != "-" }
        #expect(try table(of: event) == "events_\(day)t000000")
        _ = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1, .succeeded), .succeeded(at: now()))], breakers: [])
        #expect(try tableOfAttempts() == "attempts_\(day)t000000")
    }

    @Test func whatNoPartitionWantsIsCaughtAndMovesLater() throws {
        let past = Timestamp(iso8601: "2020-02-29T12:00:00Z")!
        let event = makeEvent(acceptedAt: past)
        _ = try store.accept([event], dueAfter: .zero)
        _ = try store.settle(
            [makeSettlement(event.item, attempt: makeAttempt(1), .waitingRetry(dueAt: past))], breakers: [])
        #expect(try table(of: event) == "events_default")

        #expect(try store.ensurePartitions(from: past, to: past) == ["events_20200229t000000"])
        #expect(try store.ensurePartitions(from: past, to: past) == [])
        #expect(try table(of: event) == "events_20200229t000000")
        #expect(try tableOfAttempts() == "attempts_20200229t000000")
        #expect(try store.dueWork(for: [(event.item.destinationID, 1)], held: []).map(\.attemptsFinished) == [1])
    }

    @Test func aNewPartitionHasAllIndexesOfItsParent() throws {
        _ = try store.ensurePartitions(from: now() + .seconds(86_400 * 30), to: now() + .seconds(86_400 * 31))
        // Every partition is attached to every index of the table: none had to be built twice, none is missing.
        let odd = try database.makeConnection().text(
            """
            SELECT count(*) FROM pg_inherits p
            WHERE p.inhparent IN ('events'::regclass, 'attempts'::regclass) AND (
                SELECT count(*) FROM pg_index i WHERE i.indrelid = p.inhrelid)
                <> (SELECT count(*) FROM pg_index i WHERE i.indrelid = p.inhparent)
            """)
        #expect(odd == "0")
    }

    @Test func severalNodesMayMakeThemAtOnce() throws {
        let database = database
        let from = now() + .seconds(86_400 * 50)
        let made = try inParallel(4) { _ in
            try database.makeStore().ensurePartitions(from: from, to: from + .seconds(86_400 * 4))
        }
        #expect(made.flatMap { $0 }.count == 5)
        #expect(Set(made.flatMap { $0 }).count == 5)
    }

    @Test func aTableBeingReadIsNotWaitedForLong() throws {
        let reader = database.makeConnection()
        try reader.execute("BEGIN; SELECT count(*) FROM events")
        let later = now() + .seconds(86_400 * 60)
        let error = #expect(throws: StoreError.self) { try store.ensurePartitions(from: later, to: later) }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        try reader.execute("COMMIT")
        #expect(try store.ensurePartitions(from: later, to: later).count == 1)
    }

    @Test func rowsThatArriveMeanwhileAreNotLost() throws {
        let past = Timestamp(iso8601: "2020-02-01T00:00:00Z")!
        let database = database
        // One thread makes partitions under the feet of others that insert into them.
        let accepted = try inParallel(3) { thread in
            let store = database.makeStore()
            if thread == 0 {
                return try store.ensurePartitions(from: past, to: past + .seconds(86_400 * 20)).count - 21
            }
            for index in 0..<60 {
                let event = makeEvent(acceptedAt: past + .seconds(86_400 * (index % 21)))
                // A row that was about to go to the default partition is turned away once.
                do throws(StoreError) {
                    _ = try store.accept([event], dueAfter: .seconds(30))
                } catch .unavailable {
                    _ = try store.accept([event], dueAfter: .seconds(30))
                }
            }
            return 60
        }
        #expect(accepted == [0, 60, 60])
        #expect(try database.makeConnection().text("SELECT count(*) FROM events") == "120")
        #expect(try database.makeConnection().text("SELECT count(*) FROM events_default") == "0")
    }

    @Test func anotherWidthGoesAroundWhatIsThere() throws {
        try database.makeConnection().execute(
            "UPDATE platform_settings SET value = 21600 WHERE name = 'partition_width_s'")
        let from = now() + .seconds(86_400 * 10)
        #expect(try store.ensurePartitions(from: now(), to: now() + .seconds(3_600)) == [])
        #expect(try store.ensurePartitions(from: from, to: from + .seconds(21_600)).count == 2)
    }
}

@Suite("Partition slots")
struct PartitionSlotTests {
    @Test func slotsAreAlignedAndCoverTheSpan() {
        let slots = PartitionSlot.covering(
            from: Timestamp(iso8601: "2026-07-31T23:59:59.999Z")!, to: Timestamp(iso8601: "2026-08-02T00:00:00Z")!,
            width: .seconds(86_400))
        #expect(slots.map(\.suffix) == ["20260731t000000", "20260801t000000", "20260802t000000"])
        #expect(zip(slots, slots.dropFirst()).allSatisfy { $0.end == $1.start })
    }

    @Test func boundsHoldExactlyTheIDsOfTheSpan() {
        let hour = Timestamp(seconds: 3_600)
        let slot = PartitionSlot.covering(from: hour, to: hour, width: .seconds(60))[0]
        let first = EventID(at: slot.start, random: (0, 0))
        let last = EventID(at: Timestamp(milliseconds: slot.end.milliseconds - 1), random: (.max, .max))
        let next = EventID(at: slot.end, random: (0, 0))
        #expect(slot.lowerBound <= first && last < slot.upperBound && slot.upperBound <= next)
    }

    @Test func timesBefore1970AreAlignedDownwards() {
        let before = Timestamp(seconds: -1)
        let slots = PartitionSlot.covering(from: before, to: before, width: .seconds(86_400))
        #expect(slots.map(\.suffix) == ["19691231t000000"])
    }
}
