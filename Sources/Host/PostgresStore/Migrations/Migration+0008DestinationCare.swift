extension Migration {
    /// Pausing and deleting destinations.
    static let destinationCare = Migration(
        name: "0008_destination_care",
        sql: """
            -- Since when events are accepted and wait; null: they are delivered.
            ALTER TABLE destinations ADD COLUMN paused_at timestamptz;
            DROP TRIGGER announce_resumed ON destinations;
            CREATE TRIGGER announce_resumed AFTER UPDATE ON destinations
                FOR EACH ROW WHEN (
                    (OLD.status <> 0 OR OLD.paused_at IS NOT NULL) AND NEW.status = 0 AND NEW.paused_at IS NULL)
                EXECUTE FUNCTION announce_change('due', 'id');

            -- What is still to be known of a destination that is gone: events that were for it name it, and those that
            -- were accepted while it went are cancelled.
            CREATE TABLE deleted_destinations (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                url text NOT NULL,
                deleted_at timestamptz NOT NULL
            );
            -- Serves housekeeping, which looks at those of late.
            CREATE INDEX deleted_destinations_time ON deleted_destinations (deleted_at);

            -- Serves the list of a tenant's senders.
            CREATE INDEX senders_tenant ON senders (tenant_id, id);
            """)
}
