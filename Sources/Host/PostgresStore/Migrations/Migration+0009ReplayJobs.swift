extension Migration {
    /// Bulk replays, and the mark of test events.
    static let replayJobs = Migration(
        name: "0009_replay_jobs",
        sql: """
            CREATE TABLE replay_jobs (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                created_by uuid NOT NULL,
                status smallint NOT NULL CONSTRAINT replay_jobs_status_check CHECK (status IN (0, 1, 2, 3)),
                event_statuses smallint[] NOT NULL,
                destination_id uuid,
                accepted_from timestamptz,
                accepted_to timestamptz NOT NULL,
                -- Null: all that fit.
                event_ids uuid[],
                rate integer NOT NULL,
                matched bigint NOT NULL,
                replayed bigint NOT NULL DEFAULT 0,
                skipped bigint NOT NULL DEFAULT 0,
                -- The last event that was looked at; at first one that is before all that fit.
                cursor_id uuid NOT NULL,
                -- The worker that carries it out, and until when it said so.
                node_id uuid,
                leased_until timestamptz,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL,
                finished_at timestamptz
            );
            -- Serves the list of a tenant's replays.
            CREATE INDEX replay_jobs_tenant ON replay_jobs (tenant_id, id);
            -- Serves workers that look for something to do.
            CREATE INDEX replay_jobs_running ON replay_jobs (id) WHERE status = 0;

            ALTER TABLE events ADD COLUMN is_test boolean NOT NULL DEFAULT false;
            """)
}
