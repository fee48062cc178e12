extension Migration {
    /// What is still pending of a tenant with millions of events is asked for first when something is stuck, and was
    /// looked for among all of them: 30 ms a million. The index of those that failed takes in all but the succeeded;
    /// each event pays with one entry when it is accepted, and none when it succeeds.
    static let unfinishedLists = Migration(
        name: "0013_unfinished_lists",
        builds: [
            PartitionedIndex(
                name: "events_not_succeeded", table: "events", columns: "tenant_id, status, id",
                condition: "status <> 2")
        ],
        sql: """
            -- As in 0007: lists that are being read are not waited for long.
            SET LOCAL lock_timeout = '2s';
            DROP INDEX events_unsuccessful;
            """)
}
