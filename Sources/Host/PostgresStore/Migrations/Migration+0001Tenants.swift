extension Migration {
    /// Who uses the platform, and how they prove it.
    static let tenants = Migration(
        name: "0001_tenants",
        sql: """
            CREATE TABLE tenants (
                id uuid PRIMARY KEY,
                name text NOT NULL CONSTRAINT tenants_name_key UNIQUE,
                max_trys integer NOT NULL,
                circuit_breaker_timer_s integer NOT NULL,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL
            );

            CREATE TABLE webhook_secrets (
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                sealed bytea NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                -- Null: the current one.
                valid_until timestamptz
            );
            -- Serves "the valid secrets of a tenant", and lets only one of them be current.
            CREATE UNIQUE INDEX webhook_secrets_current_key ON webhook_secrets (tenant_id) WHERE valid_until IS NULL;
            CREATE INDEX webhook_secrets_tenant ON webhook_secrets (tenant_id, valid_until);

            CREATE TABLE users (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                email text NOT NULL CONSTRAINT users_email_key UNIQUE,
                password_hash text NOT NULL,
                role smallint NOT NULL CONSTRAINT users_role_check CHECK (role IN (0, 1, 10, 20)),
                status smallint NOT NULL CONSTRAINT users_status_check CHECK (status IN (0, 1)),
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL
            );
            -- Serves the list of a tenant's users.
            CREATE INDEX users_tenant ON users (tenant_id, id);

            CREATE TABLE refresh_tokens (
                hash bytea PRIMARY KEY,
                family uuid NOT NULL,
                user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
                expires_at timestamptz NOT NULL,
                used_at timestamptz,
                -- Set on all tokens of a family at once: logged out, or a used token came back.
                ended_at timestamptz
            );
            -- Serves the end of a family, and the deletion with its user.
            CREATE INDEX refresh_tokens_family ON refresh_tokens (family);
            CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
            -- Serves housekeeping.
            CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

            CREATE TABLE denied_access_tokens (
                id uuid PRIMARY KEY,
                until timestamptz NOT NULL
            );
            -- Serves housekeeping.
            CREATE INDEX denied_access_tokens_expiry ON denied_access_tokens (until);

            CREATE TABLE attempt_counters (
                action text NOT NULL,
                key text NOT NULL,
                count integer NOT NULL,
                ends_at timestamptz NOT NULL,
                PRIMARY KEY (action, key)
            );
            -- Serves housekeeping.
            CREATE INDEX attempt_counters_expiry ON attempt_counters (ends_at);

            CREATE TABLE api_keys (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                name text NOT NULL,
                -- SHA-256 of the whole key.
                hash bytea NOT NULL CONSTRAINT api_keys_hash_key UNIQUE,
                created_at timestamptz NOT NULL,
                revoked_at timestamptz
            );
            -- Serves the list of a tenant's keys.
            CREATE INDEX api_keys_tenant ON api_keys (tenant_id, id);

            -- Tells every node that a row it may have cached is another. Arguments: kind of change, column with the id.
            CREATE FUNCTION announce_change() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE
                changed jsonb;
            BEGIN
                IF TG_OP = 'DELETE' THEN changed := to_jsonb(OLD); ELSE changed := to_jsonb(NEW); END IF;
                PERFORM pg_notify('hooksentry_changes', TG_ARGV[0] || ':' || (changed ->> TG_ARGV[1]));
                RETURN NULL;
            END $$;

            CREATE TRIGGER announce AFTER UPDATE OR DELETE ON tenants
                FOR EACH ROW EXECUTE FUNCTION announce_change('t', 'id');
            CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON webhook_secrets
                FOR EACH ROW EXECUTE FUNCTION announce_change('t', 'tenant_id');
            CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON api_keys
                FOR EACH ROW EXECUTE FUNCTION announce_change('t', 'tenant_id');
            """)
}
