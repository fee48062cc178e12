extension Migration {
    /// How people without an account get into a tenant.
    static let invites = Migration(
        name: "0005_invites",
        sql: """
            CREATE TABLE invites (
                id uuid PRIMARY KEY,
                tenant_id uuid NOT NULL REFERENCES tenants ON DELETE CASCADE,
                -- SHA-256 of the token.
                token_hash bytea NOT NULL CONSTRAINT invites_token_key UNIQUE,
                sealed_token bytea NOT NULL,
                target_role smallint NOT NULL
                    CONSTRAINT invites_target_role_check CHECK (target_role IN (0, 1, 10, 20)),
                expires_at timestamptz NOT NULL,
                used_at timestamptz,
                created_at timestamptz NOT NULL
            );
            -- Serves the list of a tenant's invites.
            CREATE INDEX invites_tenant ON invites (tenant_id, id);
            """)
}
