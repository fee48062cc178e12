extension Migration {
    /// What lets a filtered list of events read only the rows it shows. Each index is paid for by every event, so
    /// there are no more of them than needed.
    static let eventFilters = Migration(
        name: "0006_event_filters",
        sql: """
            -- Serves the list of one destination's events and its total.
            CREATE INDEX events_destination ON events (tenant_id, destination_id, accepted_at, id);
            -- Serves the lists by status and their totals. Without Pending, Processing and Succeeded, so that an event
            -- that is delivered at once never enters it: for those three it would cost more than it gives.
            CREATE INDEX events_status ON events (tenant_id, status, accepted_at, id) WHERE status > 2;
            """)
}
