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
    /// Breaks ties, so that pages do not overlap.
    let tieBreaker: String

    /// One condition that may be asked for. `sql` has its parameter as `$#`.
    struct Filter {
        let name: String
        let sql: String
        let add: (Parameters) -> Void

        /// Nil if there is nothing to filter by.
        init?<Value: PostgresValue>(_ name: String, _ sql: String, _ value: Value?) {
            guard let value else { return nil }
            self.name = name
            self.sql = sql
            add = { $0.add(value) }
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
        let condition = filters.enumerated().map { index, filter in
            filter.sql.replacing("$#", with: "$\(index + 1)")
        }.joined(separator: " AND ")
        let counting = Statement("\(key)_total", "SELECT count(*) FROM \(countFrom) WHERE \(condition)")
        let total = try connection.query(counting) { parameters in
            for filter in filters { filter.add(parameters) }
        }.first { row throws(StoreError) in try row.integer() }
        let direction = page.descending ? "DESC" : "ASC"
        // NULLs sort as the smallest, like the contract's clients expect of "not yet".
        let nulls = page.descending ? "NULLS LAST" : "NULLS FIRST"
        var order = "\(sort) \(direction)"
        if sort != tieBreaker { order += " \(nulls), \(tieBreaker) \(direction)" }
        let listing = Statement(
            "\(key)_by_\(page.sort)_\(direction)",
            """
            SELECT \(columns) FROM \(from) WHERE \(condition)
            ORDER BY \(order) LIMIT $\(filters.count + 1) OFFSET $\(filters.count + 2)
            """)
        let rows = try connection.query(listing) { parameters in
            for filter in filters { filter.add(parameters) }
            parameters.add(Int64(max(0, page.limit)))
            parameters.add(Int64(max(0, page.offset)))
        }.map(read)
        return Page(total: total ?? 0, rows: rows)
    }
}
