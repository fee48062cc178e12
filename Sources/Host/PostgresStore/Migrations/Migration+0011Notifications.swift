extension Migration {
    /// What a tenant's people should hear of, written in the transaction that makes it so.
    static let notifications = Migration(
        name: "0011_notifications",
        sql: """
            CREATE TABLE notifications (
                id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                type text NOT NULL,
                title text NOT NULL,
                body text NOT NULL,
                destination_id uuid,
                -- How often it came.
                count bigint NOT NULL DEFAULT 1,
                -- What comes again under the same key is counted instead of told anew.
                key text,
                -- When it came last.
                created_at timestamptz NOT NULL DEFAULT now(),
                read_at timestamptz,
                CONSTRAINT notifications_key UNIQUE (tenant_id, key)
            );
            -- Serves the list of a tenant's notifications.
            CREATE INDEX notifications_tenant ON notifications (tenant_id, created_at, id);
            -- Serves the unread ones and their total.
            CREATE INDEX notifications_unread ON notifications (tenant_id, created_at, id) WHERE read_at IS NULL;
            -- Serves housekeeping.
            CREATE INDEX notifications_age ON notifications (created_at);

            -- What happens again within this time is counted on the notification that is there.
            INSERT INTO platform_settings (name, value) VALUES ('notification_window_s', 3600);

            CREATE FUNCTION notification_key(type text, subject text) RETURNS text LANGUAGE sql STABLE AS $$
                SELECT type || ':' || subject || ':' || floor(extract(epoch FROM now()) / value)
                FROM platform_settings WHERE name = 'notification_window_s'
            $$;

            -- key: null for what is told each time. One that was read becomes unread when it is counted again.
            CREATE FUNCTION notify_tenant(
                tenant uuid, type text, title text, body text, destination uuid = NULL, key text = NULL
            ) RETURNS void LANGUAGE sql AS $$
                INSERT INTO notifications AS n (tenant_id, type, title, body, destination_id, key)
                VALUES (tenant, type, title, body, destination, key)
                ON CONFLICT (tenant_id, key) DO UPDATE SET
                    count = n.count + 1, body = EXCLUDED.body, created_at = EXCLUDED.created_at, read_at = NULL
            $$;

            CREATE FUNCTION tell_of_breaker() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                d record;
                was smallint := 0;
            BEGIN
                IF TG_OP = 'UPDATE' THEN was := OLD.state; END IF;
                SELECT id, tenant_id, url INTO d FROM destinations WHERE id = NEW.destination_id;
                IF NOT FOUND THEN RETURN NULL; END IF;
                INSERT INTO stream_entries (tenant_id, type, subject_id)
                    SELECT tenant_id, 'destination.updated', d.id FROM stream_interests WHERE tenant_id = d.tenant_id;
                IF was = 0 AND NEW.state = 1 THEN
                    PERFORM notify_tenant(
                        d.tenant_id, 'breaker_opened', 'Circuit breaker opened',
                        'Deliveries to ' || d.url || ' wait after ' || NEW.consecutive_failures
                            || ' failures in a row.',
                        d.id, notification_key('breaker_opened', d.id::text));
                ELSIF was <> 0 AND NEW.state = 0 THEN
                    PERFORM notify_tenant(
                        d.tenant_id, 'breaker_recovered', 'Circuit breaker recovered',
                        'Deliveries to ' || d.url || ' go on.', d.id,
                        notification_key('breaker_recovered', d.id::text));
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER tell_of_new AFTER INSERT ON breakers
                FOR EACH ROW WHEN (NEW.state <> 0) EXECUTE FUNCTION tell_of_breaker();
            CREATE TRIGGER tell_of_change AFTER UPDATE ON breakers
                FOR EACH ROW WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION tell_of_breaker();

            CREATE FUNCTION tell_of_destination_token() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM notify_tenant(
                    NEW.tenant_id, 'ingest_token_rotated', 'Ingest token rotated',
                    'The ingest token of the destination ' || NEW.url || ' was replaced.', NEW.id);
                RETURN NULL;
            END $$;
            CREATE TRIGGER tell_of_token AFTER UPDATE ON destinations
                FOR EACH ROW WHEN (OLD.token_hash <> NEW.token_hash) EXECUTE FUNCTION tell_of_destination_token();

            CREATE FUNCTION tell_of_sender_token() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM notify_tenant(
                    NEW.tenant_id, 'ingest_token_rotated', 'Ingest token rotated',
                    'The ingest token of the sender ' || coalesce(NEW.label, NEW.id::text) || ' was replaced.',
                    NEW.destination_id);
                RETURN NULL;
            END $$;
            CREATE TRIGGER tell_of_token AFTER UPDATE ON senders
                FOR EACH ROW WHEN (OLD.token_hash <> NEW.token_hash) EXECUTE FUNCTION tell_of_sender_token();

            CREATE FUNCTION tell_of_secret() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM notify_tenant(
                    NEW.tenant_id, 'webhook_secret_rotated', 'Webhook secret rotated',
                    'The secret that signs deliveries was replaced.');
                RETURN NULL;
            END $$;
            -- A secret is replaced by giving it an end; the first one of a tenant replaces nothing.
            CREATE TRIGGER tell_of_rotation AFTER UPDATE ON webhook_secrets
                FOR EACH ROW WHEN (OLD.valid_until IS NULL AND NEW.valid_until IS NOT NULL)
                EXECUTE FUNCTION tell_of_secret();

            CREATE FUNCTION tell_of_key() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM notify_tenant(
                    NEW.tenant_id, 'api_key_revoked', 'API key revoked',
                    'The API key ' || NEW.name || ' was revoked.');
                RETURN NULL;
            END $$;
            CREATE TRIGGER tell_of_revocation AFTER UPDATE ON api_keys
                FOR EACH ROW WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
                EXECUTE FUNCTION tell_of_key();

            CREATE TRIGGER stream_created AFTER INSERT ON notifications
                FOR EACH ROW EXECUTE FUNCTION announce_to_stream('notification.created', 'tenant_id', 'id');
            -- It was read and has come again.
            CREATE TRIGGER stream_came_again AFTER UPDATE ON notifications
                FOR EACH ROW WHEN (OLD.read_at IS NOT NULL AND NEW.read_at IS NULL)
                EXECUTE FUNCTION announce_to_stream('notification.created', 'tenant_id', 'id');
            """)
}
