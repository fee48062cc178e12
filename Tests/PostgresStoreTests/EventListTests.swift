import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Lists of events", .needsPostgres)
struct EventListTests {
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

    /// The oldest first.
    private func accept(_ count: Int) throws -> [NewEvent] {
        let events = (0..<count).map {
            makeEvent(tenant: tenant, destination: destination, acceptedAt: now() - .seconds(600 - $0))
        }
        _ = try store.accept(events, dueAfter: .seconds(3_600))
        return events
    }

    private func fail(_ event: NewEvent) throws {
        _ = try store.settle([makeSettlement(event.item, attempt: makeAttempt(1), .criticalFailure)], breakers: [])
    }

    private func list(
        _ filter: EventFilter = EventFilter(), _ sort: String = "acceptedAt", offset: Int = 0, limit: Int = 10,
        descending: Bool = true, after: EventID? = nil, countMax: Int = 1_000, of tenant: TenantID? = nil
    ) throws -> EventPage {
        let page = PageQuery(offset: offset, limit: limit, sort: sort, descending: descending)
        let listing = try store.events(
            of: tenant ?? self.tenant, filter, EventQuery(page, after: after, countMax: countMax))
        guard case .page(let page) = listing else { throw StoreError.rejected(sqlState: "", "too many to sort") }
        return page
    }

    @Test func areFilteredSortedAndCounted() throws {
        let events = try accept(5)
        _ = try store.accept([makeEvent()], dueAfter: .zero)
        try fail(events[1])
        let all = try list(limit: 2)
        #expect(all.total == 5 && !all.isTotalEstimated && all.hasMore)
        #expect(all.rows.map(\.item) == [events[4].item, events[3].item])
        let failed = try list(EventFilter(status: .criticalFailure))
        #expect(failed.total == 1 && failed.rows.map(\.item.eventID) == [events[1].item.eventID] && !failed.hasMore)
        let everything = EventFilter(
            status: .pending, destinationID: destination, from: events[0].item.acceptedAt - .seconds(1), to: now())
        #expect(try list(everything, descending: false).rows.first?.item == events[0].item)
        #expect(try list(EventFilter(destinationID: makeID())).total == 0)
        #expect(try list(of: makeID()).total == 0)
        #expect(try list(offset: 4, limit: 2).rows.map(\.item) == [events[0].item])
        #expect(try list(offset: 5, limit: 2).rows.isEmpty)
    }

    /// Times are compared as the API shows them: in milliseconds, both ends included.
    @Test func aSpanIncludesBothItsEnds() throws {
        let moment = Timestamp(milliseconds: now().milliseconds - 5_000)
        let times = [-1_000, -1, 0, 999, 1_000, 2_000].map { moment + .microseconds($0) }
        let events = times.map { makeEvent(tenant: tenant, destination: destination, acceptedAt: $0) }
        _ = try store.accept(events, dueAfter: .seconds(3_600))
        func count(_ from: Int?, _ to: Int?) throws -> Int {
            let filter = EventFilter(
                from: from.map { moment + .microseconds($0) }, to: to.map { moment + .microseconds($0) })
            return try list(filter).total
        }
        #expect(try count(0, 0) == 2)
        #expect(try count(0, 1_000) == 3)
        #expect(try count(1, nil) == 2)
        #expect(try count(nil, -1) == 2)
        #expect(try count(nil, 999) == 4)
        #expect(try count(2_001, nil) == 0)
        // No id carries a time before 1970.
        let (old, epoch) = (Timestamp(iso8601: "0001-01-01T00:00:00Z")!, Timestamp(iso8601: "1969-12-31T00:00:00Z")!)
        #expect(try list(EventFilter(from: old)).total == 6)
        #expect(try list(EventFilter(from: epoch, to: now())).total == 6)
        #expect(try list(EventFilter(to: epoch)).total == 0)
        #expect(try list(EventFilter(from: Timestamp(iso8601: "9999-12-31T00:00:00Z")!)).total == 0)
    }

    @Test(arguments: [
        "acceptedAt", "id", "status", "destinationUrlId", "currentRetryCount", "nextAttemptAt", "deliveredAt",
        "idempotencyKey",
    ])
    func everyDocumentedSortNameWorks(_ sort: String) throws {
        _ = try accept(3)
        for descending in [true, false] {
            #expect(try list(EventFilter(), sort, descending: descending).rows.count == 3)
        }
    }

    @Test func noOtherSortNameDoes() throws {
        #expect(throws: StoreError.self) { try list(EventFilter(), "payload") }
    }

    @Test(arguments: [true, false])
    func aCursorLeadsThroughTheWholeListOnce(descending: Bool) throws {
        let events = try accept(25)
        let wanted = descending ? events.reversed() : events
        var (seen, after): ([EventID], EventID?) = ([], nil)
        for _ in 0..<7 {
            let page = try list(limit: 4, descending: descending, after: after)
            #expect(page.total == 25)
            seen += page.rows.map(\.item.eventID)
            after = page.rows.last?.item.eventID
            // What comes in meanwhile is newer, and belongs to the end of the ascending list alone.
            #expect(page.hasMore == (seen.count < 25))
        }
        #expect(seen == wanted.map(\.item.eventID))
    }

    @Test func aTotalIsExactUpToTheBoundAndEstimatedBeyond() throws {
        _ = try accept(400)
        let connection = database.makeConnection()
        try connection.execute("ANALYZE events")
        let exact = try list(countMax: 400)
        #expect(exact.total == 400 && !exact.isTotalEstimated)
        let estimated = try list(countMax: 399)
        #expect(estimated.isTotalEstimated && (400...800).contains(estimated.total), "\(estimated.total)")
        let ofDestination = try list(EventFilter(destinationID: destination), countMax: 10)
        #expect(ofDestination.isTotalEstimated && (200...800).contains(ofDestination.total), "\(ofDestination.total)")
        // However wrong the statistics are, there are more than were counted.
        #expect(try list(EventFilter(status: .pending, from: now() - .seconds(595)), countMax: 50).total > 50)
    }

    /// Both ways to a page: a state that few events have, and all.
    @Test(arguments: [nil, EventStatus.pending])
    func aPageOfTooManyBytesIsRefusedBeforeItsPayloadsAreRead(status: EventStatus?) throws {
        let payloads = (0..<4).map { index in (0..<50_000 * (index + 1)).map { _ in UInt8.random(in: 0 ... .max) } }
        // This one is compressed where it is stored, and counts as it is read.
        let long = [UInt8](repeating: 0x20, count: 400_000)
        let events = (payloads + [long]).enumerated().map { index, payload in
            makeEvent(
                tenant: tenant, destination: destination, acceptedAt: now() - .seconds(60 - index), payload: payload)
        }
        _ = try store.accept(events, dueAfter: .seconds(3_600))
        func bytes(_ limit: Int, most: Int, offset: Int = 0) throws -> Int? {
            let page = PageQuery(offset: offset, limit: limit, sort: "acceptedAt", descending: false)
            let query = EventQuery(page, payloadBytesMax: most)
            switch try store.events(of: tenant, EventFilter(status: status), query) {
            case .page(let page):
                #expect(page.rows.map(\.item) == events.dropFirst(offset).prefix(limit).map(\.item))
                return nil
            case .tooManyBytes(let bytes): return bytes
            case .tooManyToSort: throw StoreError.rejected(sqlState: "", "too many to sort")
            }
        }
        #expect(try bytes(4, most: 500_000) == nil)
        #expect(try bytes(1, most: 1, offset: 4) == nil)
        let before = try pagesBesideRowsRead()
        #expect(try bytes(4, most: 499_999) == 500_000)
        #expect(try bytes(5, most: 500_000) == 900_000)
        #expect(try pagesBesideRowsRead() == before)
        #expect(try bytes(3, most: 300_000) == nil)
        #expect(try pagesBesideRowsRead() > before)
    }

    /// What this database has read so far of long payloads, which are stored beside the rows.
    private func pagesBesideRowsRead() throws -> Int {
        try store.connection.execute("SELECT pg_stat_force_next_flush()")
        let text = try store.connection.text(
            """
            SELECT sum(toast_blks_hit + toast_blks_read) FROM pg_statio_user_tables WHERE relname LIKE 'events%'
            """)
        return Int(text) ?? 0
    }

    @Test func moreThanAreCountedAreNotSortedByWhatNoIndexHas() throws {
        _ = try accept(20)
        let page = PageQuery(offset: 0, limit: 5, sort: "status", descending: true)
        let listing = try store.events(of: tenant, EventFilter(), EventQuery(page, countMax: 19))
        guard case .tooManyToSort = listing else {
            Issue.record("it was sorted")
            return
        }
        #expect(try list(EventFilter(), "status", countMax: 20).total == 20)
    }
}
