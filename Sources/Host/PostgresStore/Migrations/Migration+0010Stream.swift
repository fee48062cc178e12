extension Migration {
    /// What open streams are told: one entry a change, written in the transaction that makes it, and only for tenants
    /// that somebody listens to.
    static let stream = Migration(
        name: "0010_stream",
        sql: """
            -- A tenant has a row here while one of its streams is open, and some minutes longer, so that a client can
            -- go on where it was. Entries are written for a tenant as long as it has one.
            CREATE TABLE stream_interests (
                tenant_id uuid PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
                until timestamptz NOT NULL,
                -- Entries after this position are all there.
                kept_after_transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
                kept_after_entry bigint NOT NULL DEFAULT 0
            );

            -- An entry says what changed and not how it is now: whoever tells it reads the row. Its place is the
            -- number of the writing transaction first, then its own: all transactions below the oldest one that still
            -- runs have ended, so a reader that stays below that number never meets an entry that comes in later
            -- before one it has read.
            CREATE TABLE stream_entries (
                tenant_id uuid NOT NULL,
                transaction bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
                entry bigint GENERATED ALWAYS AS IDENTITY,
                type text NOT NULL,
                subject_id uuid NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (tenant_id, transaction, entry)
            );
            -- Serves housekeeping.
            CREATE INDEX stream_entries_age ON stream_entries (created_at);

            CREATE TABLE stream_tickets (
                -- SHA-256 of the ticket.
                hash bytea PRIMARY KEY,
                expires_at timestamptz NOT NULL,
                -- What the access token says that the ticket was bought with.
                token_id uuid NOT NULL,
                token_expires_at timestamptz NOT NULL,
                session_id uuid,
                user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
                tenant_id uuid NOT NULL,
                role smallint NOT NULL,
                email text NOT NULL
            );
            -- Serves housekeeping, and the deletion with its user.
            CREATE INDEX stream_tickets_expiry ON stream_tickets (expires_at);
            CREATE INDEX stream_tickets_user ON stream_tickets (user_id);

            -- Arguments: type of the entry, column with the tenant, column with the subject.
            CREATE FUNCTION announce_to_stream() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                changed jsonb;
            BEGIN
                IF NOT EXISTS (SELECT FROM stream_interests) THEN RETURN NULL; END IF;
                IF TG_OP = 'DELETE' THEN changed := to_jsonb(OLD); ELSE changed := to_jsonb(NEW); END IF;
                INSERT INTO stream_entries (tenant_id, type, subject_id)
                    SELECT tenant_id, TG_ARGV[0], (changed ->> TG_ARGV[2])::uuid FROM stream_interests
                    WHERE tenant_id = (changed ->> TG_ARGV[1])::uuid;
                RETURN NULL;
            END $$;

            CREATE TRIGGER stream_created AFTER INSERT ON destinations
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('destination.created', 'tenant_id', 'id');
            CREATE TRIGGER stream_updated AFTER UPDATE ON destinations
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('destination.updated', 'tenant_id', 'id');
            CREATE TRIGGER stream_deleted AFTER DELETE ON destinations
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('destination.deleted', 'tenant_id', 'id');
            CREATE TRIGGER stream_created AFTER INSERT ON senders
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('sender.created', 'tenant_id', 'id');
            CREATE TRIGGER stream_deleted AFTER DELETE ON senders
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('sender.deleted', 'tenant_id', 'id');
            CREATE TRIGGER stream_created AFTER INSERT ON api_keys
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('apikey.created', 'tenant_id', 'id');
            CREATE TRIGGER stream_revoked AFTER UPDATE ON api_keys
                FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
                EXECUTE FUNCTION announce_to_stream('apikey.deleted', 'tenant_id', 'id');
            CREATE TRIGGER stream_created AFTER INSERT ON users
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('user.created', 'tenant_id', 'id');
            CREATE TRIGGER stream_updated AFTER UPDATE ON users
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('user.updated', 'tenant_id', 'id');
            CREATE TRIGGER stream_deleted AFTER DELETE ON users
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('user.deleted', 'tenant_id', 'id');
            CREATE TRIGGER stream_updated AFTER UPDATE ON tenants
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('tenant.updated', 'id', 'id');
            """)
}
