import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Finding due work", .needsPostgres)
struct DueTests {
    let database: TestDatabase
    let store: PostgresStore

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
    }

    @Test func workIsOldestFirstLimitedAndWithoutWhatIsHeld() throws {
        let destination: DestinationID = makeID()
        let events = (0..<10).map { makeEvent(destination: destination, acceptedAt: now() - .seconds(100 - $0)) }
        _ = try store.accept(events.shuffled() + [makeEvent(acceptedAt: now() - .seconds(500))], dueAfter: .zero)
        let held = [events[0].item.eventID, events[2].item.eventID]
        let work = try store.dueWork(for: [(destination, 3), (makeID(), 5)], held: held)
        #expect(work == [events[1].item, events[3].item, events[4].item])
    }

    /// bytes, and how many of each destination's events come; each counts as 1,000: 600 of payload, and the rest.
    @Test(arguments: [
        (1, [1, 0]), (1_000, [1, 0]), (1_001, [2, 0]), (4_000, [4, 0]), (4_001, [4, 1]), (7_500, [4, 4]),
        (8_000, [4, 4]), (.max, [4, 4]),
    ])
    func workIsCutByBytesAndOneEventComesAlways(bytes: Int, counts: [Int]) throws {
        let destinations: [DestinationID] = [makeID(), makeID()]
        let events = destinations.map { destination in
            (0..<4).map { number in
                makeEvent(
                    destination: destination, acceptedAt: now() - .seconds(100 - number),
                    payload: (0..<600).map { _ in .random(in: 0 ... .max) })
            }
        }
        _ = try store.accept(events.flatMap { $0 }.shuffled(), dueAfter: .zero)
        // The last one of each waits for its destination.
        try store.connection.execute(
            """
            UPDATE events SET due_at = 'infinity'
            WHERE id IN ('\(events[0][3].item.eventID)', '\(events[1][3].item.eventID)')
            """)
        let read = DueRead(
            requests: destinations.map { DueRead.Request(destination: $0, events: 4, waitedForOpening: true) },
            bytes: bytes, bytesPerEvent: 400, held: [], askedAt: now())
        let work = try store.dueWork(read)
        #expect(work == zip(events, counts).flatMap { $0.prefix($1).map(\.item) })
        #expect(read.isCut(work) == (bytes <= 8_000))
    }

    @Test func whatWaitedForItsDestinationComesIfAskedFor() throws {
        let events = (0..<2).map { _ in makeEvent() }
        _ = try store.accept(events, dueAfter: .zero)
        try store.connection.execute("UPDATE events SET due_at = 'infinity'")
        let requests = zip(events, [true, false]).map {
            DueRead.Request(destination: $0.item.destinationID, events: 5, waitedForOpening: $1)
        }
        let read = DueRead(requests: requests, bytes: .max, bytesPerEvent: 0, held: [], askedAt: now())
        #expect(try store.dueWork(read) == [events[0].item])
    }

    @Test func workOfTheFutureIsNotDue() throws {
        let event = makeEvent()
        _ = try store.accept([event], dueAfter: .seconds(30))
        #expect(try store.dueWork(for: [(event.item.destinationID, 5)], held: []) == [])
        let scan = try store.destinationsWithDueWork(in: [event.shard], since: now() - .seconds(60))
        #expect(scan.destinations == [])
    }

    @Test func recentlyDueDestinationsAreFoundByShard() throws {
        let owner = try makeTenant(in: store)
        let mine = try [1, 2, 2].map { shard in
            makeEvent(destination: try makeDestination(in: store, tenant: owner, shard: shard), shard: shard)
        }
        // The last one is of a destination that is gone: housekeeping cancels it.
        _ = try store.accept(mine + [makeEvent(shard: 9), makeEvent(shard: 1)], dueAfter: .zero)
        let scan = try store.destinationsWithDueWork(in: [Shard(1), Shard(2)], since: now() - .seconds(5))
        #expect(Set(scan.destinations) == Set(mine.map(\.item.destinationID)))
        #expect(scan.destinations.count == 3)
        #expect(abs((scan.now - now()).inSeconds) < 5)
    }

    @Test func rowsThatBecomeVisibleLateAreStillFound() throws {
        let destination = try makeDestination(in: store, tenant: makeTenant(in: store))
        let event = makeEvent(destination: destination, acceptedAt: now() - .seconds(8))
        _ = try store.accept([event], dueAfter: .zero)
        let scan = try store.destinationsWithDueWork(in: [event.shard], since: now())
        #expect(scan.destinations == [event.item.destinationID])
    }

    @Test func aFullScanFindsWhatBecameDueLongAgo() throws {
        let owner = try makeTenant(in: store)
        let busy = try makeDestination(in: store, tenant: owner, shard: 4)
        let idle = try makeDestination(in: store, tenant: owner, shard: 4)
        let elsewhere = try makeDestination(in: store, tenant: owner, shard: 5)
        let old = now() - .seconds(86_400 * 3)
        _ = try store.accept(
            [
                makeEvent(destination: busy, acceptedAt: old, shard: 4),
                makeEvent(destination: elsewhere, acceptedAt: old, shard: 5),
            ], dueAfter: .zero)
        _ = try store.accept([makeEvent(destination: idle, shard: 4)], dueAfter: .seconds(30))
        #expect(try store.destinationsWithDueWork(in: [Shard(4)], since: nil).destinations == [busy])
        #expect(try store.destinationsWithDueWork(in: [Shard(4)], since: now()).destinations == [])
        #expect(try store.destinationsWithDueWork(in: [], since: nil).destinations == [])
    }

    @Test func stillWaitingMeansNeitherFinalNorAttemptedSince() throws {
        let events = (0..<4).map { _ in makeEvent() }
        _ = try store.accept(events, dueAfter: .seconds(30))
        _ = try store.settle(
            [
                makeSettlement(events[1].item, attempt: makeAttempt(1), .waitingRetry(dueAt: now())),
                makeSettlement(events[2].item, attempt: makeAttempt(1, .succeeded), .succeeded(at: now())),
            ], breakers: [])
        let asked = events.map { (event: $0.item.eventID, attemptsFinished: 0) } + [(makeID(), 0)]
        #expect(try store.stillWaiting(asked) == [events[0].item.eventID, events[3].item.eventID])
        #expect(try store.stillWaiting([(events[1].item.eventID, 1)]) == [events[1].item.eventID])
        #expect(try store.stillWaiting([]) == [])
    }
}
