extension Migration {
    /// Events and their attempts, in partitions by the time that their UUIDv7 ids carry. No foreign keys here:
    /// each would cost a look-up a row on the hot path. The lists of numbers are those of `EventStatus`.
    static let events = Migration(
        name: "0003_events",
        sql: """
            CREATE TABLE events (
                accepted_at timestamptz NOT NULL,
                -- When the event wants to be looked at next; null when it is final.
                due_at timestamptz,
                delivered_at timestamptz,
                attempts_finished integer NOT NULL DEFAULT 0,
                attempts_this_round integer NOT NULL DEFAULT 0,
                shard smallint NOT NULL,
                status smallint NOT NULL,
                id uuid NOT NULL,
                tenant_id uuid NOT NULL,
                destination_id uuid NOT NULL,
                sender_id uuid,
                idempotency_key text,
                content_type text NOT NULL,
                traceparent text NOT NULL,
                mapping_error text,
                payload bytea NOT NULL,
                PRIMARY KEY (id),
                CONSTRAINT events_status_check CHECK (status IN (0, 1, 2, 3, 4, 5, 6, 7)),
                CONSTRAINT events_due_check CHECK ((due_at IS NULL) = (status IN (2, 5, 6, 7)))
            ) PARTITION BY RANGE (id);
            -- Serves "which destinations of my shards have work that became due lately".
            CREATE INDEX events_shard_due ON events (shard, due_at) WHERE due_at IS NOT NULL;
            -- Serves "the oldest due events of this destination", and cancelling what waits for it.
            CREATE INDEX events_destination_due ON events (destination_id, due_at) WHERE due_at IS NOT NULL;
            -- Serves the list of a tenant's events and its total.
            CREATE INDEX events_tenant ON events (tenant_id, accepted_at, id);

            CREATE TABLE attempts (
                event_id uuid NOT NULL,
                number integer NOT NULL,
                http_status integer NOT NULL,
                started_at timestamptz NOT NULL,
                duration_us bigint NOT NULL,
                outcome text NOT NULL,
                error text,
                response_body bytea NOT NULL,
                request_headers text NOT NULL,
                -- One component a line.
                plugin_chain text NOT NULL,
                PRIMARY KEY (event_id, number)
            ) PARTITION BY RANGE (event_id);

            -- What no other partition wants lands here, so that a row is never refused.
            CREATE TABLE events_default PARTITION OF events DEFAULT;
            CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;

            CREATE TABLE idempotency_keys (
                tenant_id uuid NOT NULL,
                key text NOT NULL,
                event_id uuid NOT NULL,
                expires_at timestamptz NOT NULL,
                PRIMARY KEY (tenant_id, key)
            );
            -- Serves housekeeping.
            CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);

            CREATE TABLE platform_settings (
                name text PRIMARY KEY,
                value bigint NOT NULL
            );
            -- The width of a new partition.
            INSERT INTO platform_settings (name, value) VALUES ('partition_width_s', 86400);
            """)
}
