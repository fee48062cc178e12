extension Migration {
    /// How many events became what, so that a summary reads hundreds of rows and not millions.
    static let eventCounts = Migration(
        name: "0012_event_counts",
        sql: """
            -- What changed, written with each batch of events in its transaction. Without an index: it is only ever
            -- appended to, and read whole by whoever folds it into event_counts, every few seconds.
            CREATE TABLE event_count_changes (
                tenant_id uuid NOT NULL,
                destination_id uuid NOT NULL,
                -- When the events were accepted, to five minutes.
                bucket timestamptz NOT NULL,
                -- From accept to delivery, as a step of a logarithmic scale; -1: not delivered.
                latency smallint NOT NULL,
                accepted integer NOT NULL,
                retrying integer NOT NULL,
                succeeded integer NOT NULL,
                critical integer NOT NULL,
                unauthenticated integer NOT NULL,
                cancelled integer NOT NULL,
                attempts integer NOT NULL
            ) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

            CREATE TABLE event_counts (
                tenant_id uuid NOT NULL,
                -- Seconds: 300 or 3,600.
                span_s integer NOT NULL,
                -- All zeros: all destinations of the tenant.
                destination_id uuid NOT NULL,
                bucket timestamptz NOT NULL,
                latency smallint NOT NULL,
                accepted bigint NOT NULL,
                retrying bigint NOT NULL,
                succeeded bigint NOT NULL,
                critical bigint NOT NULL,
                unauthenticated bigint NOT NULL,
                cancelled bigint NOT NULL,
                attempts bigint NOT NULL,
                PRIMARY KEY (tenant_id, span_s, destination_id, bucket, latency)
            ) WITH (fillfactor = 80);
            -- Serves housekeeping.
            CREATE INDEX event_counts_age ON event_counts (span_s, bucket);

            -- Events that were there before are not counted: from the next full hour on all are.
            INSERT INTO platform_settings (name, value)
            SELECT 'counted_since_s', extract(epoch FROM date_trunc('hour', now()) + interval '1 hour')
            WHERE EXISTS (SELECT FROM events);
            """)
}
