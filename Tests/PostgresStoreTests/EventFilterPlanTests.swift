import Domain
import Ports
import Testing

@testable import PostgresStore

/// How the filtered lists of a tenant with many events are read.
@Suite("Plans of filtered event lists", .needsPostgres)
struct EventFilterPlanTests {
    private let database: TestDatabase
    private let store: PostgresStore
    private let tenant: TenantID
    /// Has 40 of the tenant's 20,000 events, and they are the oldest.
    private let quiet: DestinationID
    private let busy: DestinationID

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        tenant = try makeTenant(in: store)
        quiet = makeID()
        busy = makeID()
        // One every 10 ms, up to now; every fifth is this tenant's, every thousandth has failed for good.
        try store.connection.execute(
            """
            INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
                status, due_at, delivered_at)
            SELECT (left(millisecond, 8) || '-' || right(millisecond, 4)
                    || '-7' || right(gen_random_uuid()::text, 21))::uuid,
                CASE WHEN n % 5 = 0 THEN '\(tenant)' ELSE md5('tenant ' || n % 7) END::uuid,
                CASE WHEN n <= 200 THEN '\(quiet)' WHEN n % 100 = 0 THEN '\(busy)'
                    ELSE md5((n % 20)::text) END::uuid, 3,
                at, 'application/json', '', '{}', CASE WHEN n % 1000 = 0 THEN 5 ELSE 2 END, NULL, now()
            FROM generate_series(1, 100000) AS n,
                LATERAL (SELECT now() - interval '1000 s' + n * interval '10 ms') AS a (at),
                LATERAL (SELECT lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0')) AS m (millisecond)
            """)
        try store.connection.execute("VACUUM ANALYZE events")
    }

    @Test(arguments: [true, false])
    func aDestinationsEventsAreReadAndNoOthers(descending: Bool) throws {
        let filter = EventFilter(destinationID: quiet)
        let span = EventFilter(destinationID: quiet, from: now() - .seconds(86_400), to: now())
        for filter in [filter, span] { #expect(try list(filter, descending).total == 40) }
        try expectLittleIsRead(of: quiet)
    }

    @Test(arguments: [true, false])
    func eventsInAnyStateAreFoundInAnIndex(descending: Bool) throws {
        #expect(try list(EventFilter(status: .criticalFailure), descending).total == 100)
        #expect(try list(EventFilter(status: .waitingRetry), descending).total == 0)
        #expect(try list(EventFilter(status: .pending), descending).total == 0)
        #expect(try list(EventFilter(status: .succeeded), descending).total > 10_000)
        #expect(try list(EventFilter(status: .succeeded, destinationID: busy), descending).total == 898)
        try expectLittleIsRead(of: busy)
    }

    @Test(arguments: [true, false])
    func aPageOfManyIsReadInItsOrder(descending: Bool) throws {
        let page = try list(EventFilter(), descending)
        #expect((18_000...22_000).contains(page.total))
        let times = page.rows.map(\.item.acceptedAt)
        #expect(times.count == 50 && times == times.sorted { descending ? $0 > $1 : $0 < $1 })
        #expect(try list(EventFilter(destinationID: busy), descending).total == 998)
        try expectLittleIsRead(of: busy)
    }

    /// The size of a page costs as many rows as it has.
    @Test func theSizeOfAPageIsReadByItsIds() throws {
        let ids = try list(EventFilter(), true).rows.map { "\($0.item.eventID)" }
        let name = try store.connection.text("SELECT name FROM pg_prepared_statements WHERE name ~ 'events_bytes$'")
        let arguments = "'{\(ids.joined(separator: ","))}', '\(tenant)'"
        let plan = try store.connection.query(
            Statement("plan \(name)", "EXPLAIN ANALYZE EXECUTE \"\(name)\" (\(arguments))")
        ).map { row throws(StoreError) in try row.value(String.self) }.joined(separator: "\n")
        #expect(plan.contains(/Index Cond: .*\(id = ANY/), "\(plan)")
        #expect(!plan.contains("Rows Removed by"), "\(plan)")
        #expect(plan.firstMatch(of: /Seq Scan.*actual time=\S+ rows=[1-9]/) == nil, "\(plan)")
        let most = plan.matches(of: /actual time=\S+ rows=(\d+)/).compactMap { Int($0.1) }.max()
        #expect(most == 50, "\(plan)")
    }

    private func list(_ filter: EventFilter, _ descending: Bool) throws -> EventPage {
        let query = EventQuery(PageQuery(offset: 0, limit: 50, sort: "acceptedAt", descending: descending))
        // Often enough for PostgreSQL to think of a plan for all parameters.
        for _ in 0..<6 { _ = try store.events(of: tenant, filter, query) }
        guard case .page(let page) = try store.events(of: tenant, filter, query) else {
            throw StoreError.rejected(sqlState: "", "too many to sort")
        }
        return page
    }

    /// Looks at how each list and total that this session has prepared is read by now: in an index alone, with nothing
    /// of the table read only to be thrown away.
    private func expectLittleIsRead(of destination: DestinationID) throws {
        let connection = store.connection
        let prepared = try connection.query(
            Statement(
                "prepared", "SELECT name, statement FROM pg_prepared_statements WHERE name ~ 'events_(page|total)'")
        ).map { row throws(StoreError) in try (row.value(String.self), row.value(String.self)) }
        #expect(prepared.count >= 2)
        for (name, sql) in prepared {
            var arguments = ["'\(tenant)'"]
            if sql.contains("e.destination_id =") { arguments.append("'\(destination)'") }
            if sql.contains("e.id >=") { arguments.append("'\(EventID.lowerBound(at: now() - .seconds(86_400)))'") }
            if sql.contains("e.id <") { arguments.append("'\(EventID.lowerBound(at: now() + .seconds(1)))'") }
            arguments += sql.contains("OFFSET") ? ["51", "0"] : ["10001"]
            let plan = try connection.query(
                Statement("plan \(name)", "EXPLAIN ANALYZE EXECUTE \"\(name)\" (\(arguments.joined(separator: ", ")))")
            ).map { row throws(StoreError) in try row.value(String.self) }.joined(separator: "\n")
            #expect(!plan.contains("Rows Removed by"), "\(sql)\n\(plan)")
            // The partitions of days to come are empty, and may be read as they are.
            #expect(plan.firstMatch(of: /Seq Scan.*actual time=\S+ rows=[1-9]/) == nil, "\(sql)\n\(plan)")
            #expect(plan.contains("Index Only Scan"), "\(sql)\n\(plan)")
            let most = plan.matches(of: /actual time=\S+ rows=(\d+)/).compactMap { Int($0.1) }.max()
            // A hundred may as well be sorted.
            #expect((0...(sql.contains("OFFSET") ? 100 : 10_001)).contains(most ?? -1), "\(sql)\n\(plan)")
        }
    }
}
