extension Migration {
    /// Lists of events in the order of their ids, which is the order of acceptance. They replace three indexes that
    /// had `accepted_at` before the id: with the id alone a span of time leaves whole partitions out, and the status
    /// fits in without an index of its own, so that a filter by any status is answered from the index. They cost what
    /// those before them did: an event that changes has to enter the indexes of its tenant and destination anyway.
    static let eventLists = Migration(
        name: "0007_event_lists",
        builds: [
            PartitionedIndex(name: "events_by_tenant", table: "events", columns: "tenant_id, id, status"),
            PartitionedIndex(
                name: "events_by_destination", table: "events", columns: "tenant_id, destination_id, id, status"),
            PartitionedIndex(
                name: "events_unsuccessful", table: "events", columns: "tenant_id, status, id",
                condition: "status > 2"),
        ],
        sql: """
            -- Lists that are being read at the moment are not waited for long: everything else would queue up behind.
            SET LOCAL lock_timeout = '2s';
            DROP INDEX events_tenant, events_destination, events_status;
            """)
}
