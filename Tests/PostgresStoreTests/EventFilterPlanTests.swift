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
    /// Has 40 of the tenant's 100,000 events, and they are the oldest.
    private let quiet: DestinationID
    private let busy: DestinationID

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        tenant = try makeTenant(in: store)
        quiet = makeID()
        busy = makeID()
        // An event in a thousand has failed for good; ids are spread over the partition of today.
        try store.connection.execute(
            """
            INSERT INTO events (id, tenant_id, destination_id, shard, accepted_at, content_type, traceparent, payload,
                status, due_at, delivered_at)
            SELECT ('\(String("\(makeID(Event.self))".prefix(18)))' || right(gen_random_uuid()::text, 18))::uuid,
                '\(tenant)', CASE WHEN n <= 40 THEN '\(quiet)'
                    WHEN n % 20 = 0 THEN '\(busy)' ELSE md5((n % 20)::text)::uuid END::uuid, 3,
                now() - interval '1 hour' + n * interval '10 ms', 'application/json', '', '{}',
                CASE WHEN n % 1000 = 0 THEN 5 ELSE 2 END, NULL, now()
            FROM generate_series(1, 100000) AS n;
            """)
        try store.connection.execute("VACUUM ANALYZE events")
    }

    @Test(arguments: [true, false])
    func aDestinationsEventsAreReadAndNoOthers(descending: Bool) throws {
        let filter = EventFilter(destinationID: quiet)
        let span = EventFilter(destinationID: quiet, from: now() - .seconds(86_400), to: now())
        for filter in [filter, span] {
            #expect(try list(filter, descending).total == 40)
            try expectLittleIsRead(of: quiet)
        }
    }

    @Test(arguments: [true, false])
    func failedEventsAreReadAndNoOthers(descending: Bool) throws {
        #expect(try list(EventFilter(status: .criticalFailure), descending).total == 100)
        #expect(try list(EventFilter(status: .waitingRetry), descending).total == 0)
        try expectLittleIsRead()
    }

    @Test(arguments: [true, false])
    func aPageOfManyIsReadInItsOrder(descending: Bool) throws {
        let page = try list(EventFilter(), descending)
        #expect(page.total == 100_000)
        let times = page.rows.map(\.item.acceptedAt)
        #expect(times.count == 50 && times == times.sorted { descending ? $0 > $1 : $0 < $1 })
        #expect(try list(EventFilter(destinationID: busy), descending).total == 4_998)
        try expectLittleIsRead(of: busy)
    }

    private func list(_ filter: EventFilter, _ descending: Bool) throws -> Page<EventRecord> {
        let page = PageQuery(offset: 0, limit: 50, sort: "acceptedAt", descending: descending)
        // Often enough for PostgreSQL to think of a plan for all parameters.
        for _ in 0..<6 { _ = try store.events(of: tenant, filter, page) }
        return try store.events(of: tenant, filter, page)
    }

    /// Looks at how each list and total that this session has prepared is read by now: nothing is read only to be
    /// thrown away, and a list reads about as much as it shows.
    private func expectLittleIsRead(of destination: DestinationID? = nil) throws {
        let connection = store.connection
        let prepared = try connection.query(
            Statement(
                "prepared", "SELECT name, statement FROM pg_prepared_statements WHERE statement ~ 'FROM events e'")
        ).map { row throws(StoreError) in try (row.value(String.self), row.value(String.self)) }
        #expect(prepared.count >= 2)
        for (name, sql) in prepared where !sql.contains("pg_prepared_statements") {
            let isList = sql.contains("LIMIT")
            var arguments = ["'\(tenant)'"]
            if let destination, sql.contains("e.destination_id =") { arguments.append("'\(destination)'") }
            if sql.contains("e.accepted_at >=") { arguments += ["'2000-01-01'", "'2100-01-01'"] }
            if isList { arguments += ["50", "0"] }
            let plan = try connection.query(
                Statement("plan \(name)", "EXPLAIN ANALYZE EXECUTE \"\(name)\" (\(arguments.joined(separator: ", ")))")
            ).map { row throws(StoreError) in try row.value(String.self) }.joined(separator: "\n")
            #expect(!plan.contains("Rows Removed by"), "\(sql)\n\(plan)")
            let most = plan.matches(of: /actual time=\S+ rows=(\d+)/).compactMap { Int($0.1) }.max()
            #expect(!isList || (0...100).contains(most ?? -1), "\(sql)\n\(plan)")
        }
    }
}
