extension Migration {
    /// Where events go, and who may send them there.
    static let destinations = Migration(
        name: "0002_destinations",
        sql: """
            CREATE TABLE destinations (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                url text NOT NULL,
                status smallint NOT NULL CONSTRAINT destinations_status_check CHECK (status IN (0, 1, 2)),
                shard smallint NOT NULL,
                concurrency integer NOT NULL,
                -- SHA-256 of the ingest token.
                token_hash bytea NOT NULL CONSTRAINT destinations_token_key UNIQUE,
                settings_version bigint NOT NULL DEFAULT 1,
                auth_type smallint CONSTRAINT destinations_auth_type_check CHECK (auth_type IN (0, 1, 2, 3)),
                authenticator text,
                authenticator_settings bytea,
                -- The chain in order; both arrays have the same length.
                transformers text[] NOT NULL DEFAULT '{}',
                transformer_settings bytea[] NOT NULL DEFAULT '{}',
                retry_policy text,
                retry_policy_settings bytea,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL,
                CONSTRAINT destinations_authenticator_check
                    CHECK ((authenticator IS NULL) = (authenticator_settings IS NULL)),
                CONSTRAINT destinations_transformers_check
                    CHECK (cardinality(transformers) = cardinality(transformer_settings)),
                CONSTRAINT destinations_retry_policy_check
                    CHECK ((retry_policy IS NULL) = (retry_policy_settings IS NULL))
            );
            -- Serves the list of a tenant's destinations.
            CREATE INDEX destinations_tenant ON destinations (tenant_id, id);
            -- Serves the full look for due work when a shard is taken over.
            CREATE INDEX destinations_shard ON destinations (shard, id);

            -- Apart from destinations, because workers write it on the hot path and nobody caches it.
            CREATE TABLE breakers (
                destination_id uuid PRIMARY KEY,
                state smallint NOT NULL CONSTRAINT breakers_state_check CHECK (state IN (0, 1, 2)),
                consecutive_failures integer NOT NULL,
                next_probe_at timestamptz
            ) WITH (fillfactor = 70);

            CREATE TABLE senders (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL,
                destination_id uuid NOT NULL REFERENCES destinations ON DELETE CASCADE,
                label text,
                -- The JSON text as it was sent.
                mapping bytea,
                -- SHA-256 of the ingest token.
                token_hash bytea NOT NULL CONSTRAINT senders_token_key UNIQUE,
                created_at timestamptz NOT NULL,
                updated_at timestamptz NOT NULL
            );
            -- Serves the list of a destination's senders.
            CREATE INDEX senders_destination ON senders (destination_id, id);

            CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON destinations
                FOR EACH ROW EXECUTE FUNCTION announce_change('d', 'id');
            CREATE TRIGGER announce_resumed AFTER UPDATE ON destinations
                FOR EACH ROW WHEN (OLD.status <> 0 AND NEW.status = 0)
                EXECUTE FUNCTION announce_change('due', 'id');
            CREATE TRIGGER announce AFTER INSERT OR UPDATE OR DELETE ON senders
                FOR EACH ROW EXECUTE FUNCTION announce_change('d', 'destination_id');
            """)
}
