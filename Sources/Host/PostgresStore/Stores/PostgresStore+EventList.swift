import Domain
import Ports

// The list of a tenant's events. It has to be quick over tens of millions of them, so nothing here reads more of the
// table than it shows: a page is found in an index first, and its rows are read by their ids.
//
// An event's id begins with the millisecond it was accepted in, so the order of ids is the order of acceptance, a span
// of time is a span of ids, and whole partitions outside it are not looked at.
extension PostgresStore {
    /// Sorts: `acceptedAt` and `id`, which are the same order; and, for no more matches than `countMax`, `status`,
    /// `destinationUrlId`, `currentRetryCount`, `nextAttemptAt`, `deliveredAt`, `idempotencyKey`.
    package func events(of tenant: TenantID, _ filter: EventFilter, _ query: EventQuery) throws(StoreError)
        -> EventListing
    {
        let list = EventListStatements(tenant: tenant, filter: filter)
        guard let sort = EventListStatements.Sort(query.page) else {
            throw .rejected(sqlState: "42703", "the list of events has no sort order \(query.page.sort)")
        }
        // What matches may be few among many: then looking for them once has to be enough.
        if list.isSparse, sort.followsIDs, query.after == nil {
            let found = try list.ids(sort, query, offset: 0, limit: query.countMax + 1, on: connection)
            let shown = found.dropFirst(query.page.offset).prefix(query.page.limit)
            if found.count <= query.countMax {
                let page = EventPage(
                    total: found.count, isTotalEstimated: false, rows: [],
                    hasMore: query.page.offset + query.page.limit < found.count)
                return try listing(page, Array(shown), of: tenant, query)
            }
        }
        var total = try list.count(upTo: query.countMax, on: connection)
        let isEstimated = total > query.countMax
        if isEstimated && !sort.followsIDs { return .tooManyToSort }
        if isEstimated { total = max(total, try list.estimate(on: connection)) }
        var page = EventPage(total: total, isTotalEstimated: isEstimated, rows: [], hasMore: false)
        guard isEstimated || query.page.offset < total else { return .page(page) }
        // One more than is shown tells whether there is a next page.
        var ids = try list.ids(sort, query, offset: query.page.offset, limit: query.page.limit + 1, on: connection)
        page.hasMore = ids.count > query.page.limit
        if page.hasMore { ids.removeLast() }
        return try listing(page, ids, of: tenant, query)
    }

    /// The page with the rows of these ids, unless their payloads are too much to hold. A page of one event is always
    /// given: nobody could ask for fewer.
    private func listing(_ page: EventPage, _ ids: [EventID], of tenant: TenantID, _ query: EventQuery)
        throws(StoreError) -> EventListing
    {
        if ids.count > 1 {
            let bytes = try payloadBytes(of: ids, tenant)
            if bytes > query.payloadBytesMax { return .tooManyBytes(bytes) }
        }
        var page = page
        page.rows = try events(ids, of: tenant)
        return .page(page)
    }

    private func payloadBytes(of ids: [EventID], _ tenant: TenantID) throws(StoreError) -> Int {
        try connection.query(Self.payloadBytes) { parameters in
            parameters.array(ids)
            parameters.add(tenant)
        }.first { row throws(StoreError) in try row.integer() } ?? 0
    }

    /// In the order of the ids; those that are gone by now are left out.
    package func events(_ ids: [EventID], of tenant: TenantID) throws(StoreError) -> [EventRecord] {
        guard !ids.isEmpty else { return [] }
        let rows = try connection.query(Self.eventsByID) { parameters in
            parameters.array(ids)
            parameters.add(tenant)
        }.map(EventRecord.init)
        let found = Dictionary(rows.map { ($0.item.eventID, $0) }) { first, _ in first }
        return ids.compactMap { found[$0] }
    }

    // Of what is stored beside the row, compressed or not, the row itself has the length.
    private static let payloadBytes = Statement(
        "events_bytes",
        """
        SELECT coalesce(sum(octet_length(e.payload)), 0) FROM events e WHERE e.id = ANY ($1) AND e.tenant_id = $2
        """)
    private static let eventsByID = Statement(
        "events_by_id",
        "SELECT \(EventRecord.columns) FROM \(withDestination) WHERE e.id = ANY ($1) AND e.tenant_id = $2")
}

/// The statements of one list: a condition made of the filters that were given, and what is asked under it.
struct EventListStatements {
    /// What a list is sorted by, and whether that is the order of ids.
    struct Sort {
        let name: String
        let column: String
        let descending: Bool
        var followsIDs: Bool { column == "e.id" }

        private static let columns = [
            "acceptedAt": "e.id", "id": "e.id", "status": "e.status", "destinationUrlId": "e.destination_id",
            "currentRetryCount": "e.attempts_this_round", "nextAttemptAt": "e.due_at",
            "deliveredAt": "e.delivered_at", "idempotencyKey": "e.idempotency_key",
        ]

        /// Nil for a name that there is not.
        init?(_ page: PageQuery) {
            guard let column = Self.columns[page.sort] else { return nil }
            (name, self.column, descending) = (page.sort, column, page.descending)
        }

        /// NULLs sort as the smallest: "not yet" comes before every time.
        var order: String {
            let direction = descending ? "DESC" : "ASC"
            if followsIDs { return "e.id \(direction)" }
            return "\(column) \(direction) NULLS \(descending ? "LAST" : "FIRST"), e.id \(direction)"
        }
    }

    private typealias Filter = PageStatement.Filter

    private let tenant: Filter?
    private let others: [Filter]
    private let isForDestination: Bool
    /// Hardly any event is in such a state for long, and only the index of all the tenant's events has it.
    let isSparse: Bool

    init(tenant: TenantID, filter: EventFilter) {
        self.tenant = Filter("tenant", "e.tenant_id = $#", tenant)
        let filters: [Filter?] = [
            // A constant: one of the indexes is partial, which no plan for any status could use.
            filter.status.map { Filter("status\($0.rawValue)", constant: "e.status = \($0.rawValue)") },
            Filter("destination", "e.destination_id = $#", filter.destinationID),
            Filter("from", "e.id >= $#", filter.from.map { EventID.lowerBound(at: $0.roundedUp) }),
            // Inclusive: up to the last id of its millisecond.
            Filter("to", "e.id < $#", filter.to.map { EventID.lowerBound(at: $0.rounded + .milliseconds(1)) }),
        ]
        others = filters.compactMap { $0 }
        isForDestination = filter.destinationID != nil
        isSparse = filter.status == .pending || filter.status == .processing
    }

    /// At most one more than `most`.
    func count(upTo most: Int, on connection: PostgresConnection) throws(StoreError) -> Int {
        let (name, condition, add, next) = conditions([tenant].compactMap { $0 } + others)
        let statement = Statement(
            "events_total\(name)",
            "SELECT count(*) FROM (SELECT FROM events e WHERE \(condition) LIMIT $\(next)) AS counted")
        return try connection.query(statement) { parameters in
            add(parameters)
            parameters.add(Int64(most) + 1)
        }.first { row throws(StoreError) in try row.integer() } ?? 0
    }

    /// What the planner expects by the statistics of the last ANALYZE; reads no rows.
    ///
    /// A destination implies its tenant, which the planner does not know: it would multiply the two shares.
    func estimate(on connection: PostgresConnection) throws(StoreError) -> Int {
        let (name, condition, add, _) = conditions((isForDestination ? [] : [tenant]).compactMap { $0 } + others)
        let plan = try connection.query(
            Statement("events_estimate\(name)", "EXPLAIN SELECT FROM events e WHERE \(condition)"), add
        ).first { row throws(StoreError) in try row.value(String.self) }
        return plan?.firstMatch(of: /rows=(\d+)/).flatMap { Int($0.1) } ?? 0
    }

    func ids(
        _ sort: Sort, _ query: EventQuery, offset: Int, limit: Int, on connection: PostgresConnection
    ) throws(StoreError) -> [EventID] {
        let after = Filter(
            "after", sort.descending ? "e.id < $#" : "e.id > $#", sort.followsIDs ? query.after : nil)
        let (name, condition, add, next) = conditions([tenant].compactMap { $0 } + others + [after].compactMap { $0 })
        let statement = Statement(
            "events_page\(name)_by_\(sort.name)_\(sort.descending)",
            """
            SELECT e.id FROM events e WHERE \(condition)
            ORDER BY \(sort.order) LIMIT $\(next) OFFSET $\(next + 1)
            """)
        return try connection.query(statement) { parameters in
            add(parameters)
            parameters.add(Int64(max(0, limit)))
            parameters.add(Int64(max(0, offset)))
        }.map { row throws(StoreError) in try row.value() }
    }

    /// next: the number of the first parameter after those of the filters.
    private func conditions(_ filters: [Filter]) -> (
        name: String, condition: String, add: (Parameters) -> Void, next: Int
    ) {
        var number = 0
        let condition = filters.map { filter in
            if filter.add != nil { number += 1 }
            return filter.sql.replacing("$#", with: "$\(number)")
        }.joined(separator: " AND ")
        let additions = filters.compactMap(\.add)
        let add = { (parameters: Parameters) in
            for addition in additions { addition(parameters) }
        }
        return (filters.map { "_" + $0.name }.joined(), condition, add, number + 1)
    }
}

extension Timestamp {
    /// The whole millisecond that this moment lies in, which is what an id knows of it and what the API shows.
    fileprivate var rounded: Timestamp { Timestamp(milliseconds: milliseconds) }

    /// The first whole millisecond that is not before this moment.
    fileprivate var roundedUp: Timestamp { rounded == self ? self : rounded + .milliseconds(1) }
}
