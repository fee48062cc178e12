import Domain
import Ports

/// A list with filters, a sort order and pages, as two statements: one for the rows and one for the total.
///
/// Only names from the whitelist and fragments written here become SQL; values are parameters. Each combination
/// of filters and order is prepared once on a connection.
struct PageStatement {
    /// Unique among all lists.
    let name: String
    let columns: String
    /// Table and joins for the rows.
    let from: String
    /// The same for the total, without what only the rows need.
    let countFrom: String
    /// The sort names that the port documents, and the column each stands for.
    let sorts: KeyValuePairs<String, String>
    /// Those of the sort names whose column may be null.
    var nullableSorts: Set<String> = []
    /// Breaks ties, so that pages do not overlap.
    let tieBreaker: String

    /// One condition that may be asked for. `sql` has its parameter, if it takes one, as `$#`.
    struct Filter {
        let name: String
        let sql: String
        /// Nil: no parameter.
        let add: ((Parameters) -> Void)?

        /// Nil if there is nothing to filter by.
        init?<Value: PostgresValue>(_ name: String, _ sql: String, _ value: Value?) {
            guard let value else { return nil }
            self.name = name
            self.sql = sql
            add = { $0.add(value) }
        }

        /// For what the planner has to know when it chooses an index. The name must tell the condition from others.
        init(_ name: String, constant sql: String) {
            self.name = name
            self.sql = sql
            add = nil
        }
    }

    /// An unknown sort name is the caller's bug and refused.
    func run<Element>(
        on connection: PostgresConnection, filters: [Filter], page: PageQuery,
        read: (inout Row) throws(StoreError) -> Element
    ) throws(StoreError) -> Page<Element> {
        guard let sort = sorts.first(where: { $0.key == page.sort })?.value else {
            throw .rejected(sqlState: "42703", "the list \(name) has no sort order \(page.sort)")
        }
        let key = ([name] + filters.map(\.name)).joined(separator: "_")
        let additions = filters.compactMap(\.add)
        var number = 0
        let condition = filters.map { filter in
            if filter.add != nil { number += 1 }
            return filter.sql.replacing("$#", with: "$\(number)")
        }.joined(separator: " AND ")
        let counting = Statement("\(key)_total", "SELECT count(*) FROM \(countFrom) WHERE \(condition)")
        let total = try connection.query(counting) { parameters in
            for add in additions { add(parameters) }
        }.first { row throws(StoreError) in try row.integer() }
        let direction = page.descending ? "DESC" : "ASC"
        var order = "\(sort) \(direction)"
        // NULLs sort as the smallest, like the contract's clients expect of "not yet". Only where there can be any:
        // an index has them at its other end, and would not be read in the order asked for.
        if nullableSorts.contains(page.sort) { order += page.descending ? " NULLS LAST" : " NULLS FIRST" }
        if sort != tieBreaker { order += ", \(tieBreaker) \(direction)" }
        let listing = Statement(
            "\(key)_by_\(page.sort)_\(direction)",
            """
            SELECT \(columns) FROM \(from) WHERE \(condition)
            ORDER BY \(order) LIMIT $\(number + 1) OFFSET $\(number + 2)
            """)
        let rows = try connection.query(listing) { parameters in
            for add in additions { add(parameters) }
            parameters.add(Int64(max(0, page.limit)))
            parameters.add(Int64(max(0, page.offset)))
        }.map(read)
        return Page(total: total ?? 0, rows: rows)
    }
}
