import Ports

/// Which steps a database has had, and whether it still is a database for this program.
struct SchemaHistory {
    let connection: PostgresConnection

    /// Makes what is missing of the table.
    func prepare() throws(StoreError) { try connection.execute(Self.table) }

    /// The steps of these that the database has not had. A step that this program does not know, because the database
    /// is newer, is no hindrance unless it says that it excludes older programs.
    func missing(of migrations: [Migration]) throws(MigrationError) -> [Migration] {
        let applied: [(name: String, isUnchanged: Bool?, excludesOlder: Bool)]
        do throws(StoreError) {
            let exists = try connection.query(Self.exists).first { row throws(StoreError) in try row.value(Bool.self) }
            guard exists == true else { return migrations }
            applied = try connection.query(Self.applied) { parameters in
                parameters.array(migrations) { $0.name }
                parameters.array(migrations) { $0.sql }
            }.map { row throws(StoreError) in try (row.value(), row.optional(), row.value()) }
        } catch { throw MigrationError(error) }
        for step in applied {
            if step.isUnchanged == false { throw .changed(step.name) }
            if step.isUnchanged == nil, step.excludesOlder { throw .newerSchema(step.name) }
        }
        return migrations.filter { migration in !applied.contains { $0.name == migration.name } }
    }

    func record(_ migration: Migration) throws(StoreError) {
        try connection.query(Self.record) { parameters in
            parameters.add(migration.name)
            parameters.add(migration.sql)
            parameters.add(migration.excludesOlder)
        }
    }

    private static let table = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name text PRIMARY KEY,
            checksum bytea NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS excludes_older boolean NOT NULL DEFAULT false;
        """
    private static let exists = Statement(
        "migrate_history_exists", "SELECT to_regclass('schema_migrations') IS NOT NULL")
    // By way of JSON, because a database that was last migrated by an early version has no such column.
    private static let applied = Statement(
        "migrate_applied",
        """
        SELECT m.name, m.checksum = sha256(convert_to(k.sql, 'UTF8')),
            coalesce((to_jsonb(m) ->> 'excludes_older')::boolean, false)
        FROM schema_migrations m LEFT JOIN unnest($1, $2) AS k (name, sql) ON k.name = m.name
        ORDER BY m.name
        """)
    private static let record = Statement(
        "migrate_record",
        """
        INSERT INTO schema_migrations (name, checksum, excludes_older)
        VALUES ($1, sha256(convert_to($2, 'UTF8')), $3)
        """)
}
