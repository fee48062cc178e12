/// One step of the schema. Once released it never changes: a correction is a new step.
struct Migration: Sendable {
    /// Four digits and a word or two; steps are applied in this order.
    let name: String
    /// Indexes that are there before the rest of the step begins, made while everybody goes on writing.
    var builds: [PartitionedIndex] = []
    let sql: String
    /// Programs that do not know this step cannot work with the database any more: what they need is taken away.
    /// Only for steps that come at least one release after the one whose programs can do without.
    var excludesOlder = false

    static let all = [
        tenants, destinations, events, leases, invites, eventFilters, eventLists, destinationCare, replayJobs, stream,
        notifications, eventCounts, unfinishedLists,
    ]
}

/// An index of a partitioned table, and of each of its partitions.
struct PartitionedIndex: Sendable {
    let name: String
    let table: String
    let columns: String
    /// Nil: all rows.
    var condition: String?

    /// How it is made on a table. concurrently: without a lock that keeps writers out, and not in a transaction.
    func creation(named name: String, on table: String, concurrently: Bool) -> String {
        let method = concurrently ? "CONCURRENTLY " : ""
        return "CREATE INDEX \(method)\(name) ON \(table) (\(columns))" + (condition.map { " WHERE \($0)" } ?? "")
    }
}
