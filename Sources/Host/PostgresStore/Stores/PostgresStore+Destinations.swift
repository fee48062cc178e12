import Domain
import Ports

extension PostgresStore: DestinationStore {
    package func createDestination(_ destination: DestinationRecord, shard: Shard, tokenHash: [UInt8])
        throws(StoreError)
    {
        try connection.query(Self.insertDestination) { parameters in
            Self.add(destination, to: parameters)
            parameters.add(destination.createdAt)
            parameters.add(shard.number)
            parameters.add(tokenHash)
        }
    }

    package func owner(ofDestination id: DestinationID) throws(StoreError) -> TenantID? {
        try connection.query(Self.destinationOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func destination(_ id: DestinationID, of tenant: TenantID) throws(StoreError) -> DestinationRecord? {
        try connection.query(Self.destination) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(DestinationRecord.init)
    }

    /// Sorts: `id`, `url`, `status`, `serverRateLimit`, `authType`, `createdAt`, `updatedAt`.
    package func destinations(of tenant: TenantID, status: DestinationStatus?, _ page: PageQuery) throws(StoreError)
        -> Page<DestinationRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "d.tenant_id = $#", tenant), .init("status", "d.status = $#", status?.rawValue),
        ]
        return try Self.destinationList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: DestinationRecord.init)
    }

    package func updateDestination(_ destination: DestinationRecord) throws(StoreError) -> DestinationChange {
        let updated = try connection.query(Self.updateDestination) { parameters in
            Self.add(destination, to: parameters)
            parameters.add(destination.settingsVersion)
        }
        if updated.affected > 0 { return .done }
        return try owner(ofDestination: destination.id) == destination.tenantID ? .outdated : .unknown
    }

    package func rotateDestinationToken(_ id: DestinationID, of tenant: TenantID, tokenHash: [UInt8])
        throws(StoreError) -> Bool
    {
        try connection.query(Self.rotateToken) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(tokenHash)
        }.affected > 0
    }

    package func pauseDestination(_ id: DestinationID, of tenant: TenantID, at: Timestamp?) throws(StoreError)
        -> DestinationRecord?
    {
        let changed = try connection.query(Self.pauseDestination) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(at)
        }
        return changed.affected > 0 ? try destination(id, of: tenant) : nil
    }

    package func deleteDestination(_ id: DestinationID, of tenant: TenantID, despiteWaiting: Bool)
        throws(StoreError) -> DestinationRemoval
    {
        let deleted = try connection.query(Self.deleteDestination) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(despiteWaiting)
        }
        if deleted.count > 0 { return .done }
        return try owner(ofDestination: id) == tenant ? .hasWaitingEvents : .unknown
    }

    package func pluginUse() throws(StoreError) -> [(kind: PluginKind, plugin: String, destinations: Int)] {
        let counted = try connection.query(Self.pluginUse).map { row throws(StoreError) in
            try (PluginKind(rawValue: row.value()), row.value(String.self), row.integer())
        }
        return counted.compactMap { kind, plugin, count in kind.map { ($0, plugin, count) } }
    }

    /// The sealed settings of every destination that uses a component.
    package func pluginSettings(
        _ kind: PluginKind, _ plugin: String
    ) throws(StoreError) -> [(destination: DestinationID, sealed: [UInt8])] {
        let statement =
            switch kind {
            case .authenticator: Self.authenticatorSettings
            case .transformer: Self.transformerSettings
            case .retryPolicy: Self.retryPolicySettings
            }
        return try connection.query(statement, { $0.add(plugin) }).map { row throws(StoreError) in
            try (row.value(), row.value())
        }
    }

    /// $1 to $13.
    private static func add(_ destination: DestinationRecord, to parameters: Parameters) {
        parameters.add(destination.id)
        parameters.add(destination.tenantID)
        parameters.add(destination.url)
        parameters.add(destination.status.rawValue)
        parameters.add(Int32(clamping: destination.serverRateLimit))
        parameters.add(destination.authType?.rawValue)
        parameters.add(destination.authenticator?.plugin)
        parameters.add(destination.authenticator?.sealedSettings)
        parameters.array(destination.transformers) { $0.plugin }
        parameters.array(destination.transformers) { $0.sealedSettings }
        parameters.add(destination.retryPolicy?.plugin)
        parameters.add(destination.retryPolicy?.sealedSettings)
        parameters.add(destination.updatedAt)
    }
}

extension DestinationRecord {
    fileprivate static let columns = """
        d.id, d.tenant_id, d.url, d.status, d.concurrency, d.paused_at, d.auth_type, \(PluginUseColumns.sql),
        \(BreakerRecord.columns), d.settings_version, d.created_at, d.updated_at
        """

    fileprivate init(_ row: inout Row) throws(StoreError) {
        let id: DestinationID = try row.value()
        let tenantID: TenantID = try row.value()
        let url: String = try row.value()
        let status: DestinationStatus = try row.named()
        let rateLimit = try row.integer()
        let pausedAt: Timestamp? = try row.optional()
        let authType: Int16? = try row.optional()
        let plugins = try PluginUseColumns(&row)
        try self.init(
            id: id, tenantID: tenantID, url: url, status: status, serverRateLimit: rateLimit,
            pausedAt: pausedAt, authType: authType.flatMap { OutboundAuthType(rawValue: $0) },
            authenticator: plugins.authenticator, transformers: plugins.transformers, retryPolicy: plugins.retryPolicy,
            breaker: BreakerRecord.read(&row, of: id), settingsVersion: row.value(), createdAt: row.value(),
            updatedAt: row.value())
    }
}

extension PostgresStore {
    private static let written = """
        id, tenant_id, url, status, concurrency, auth_type, authenticator, authenticator_settings, transformers,
        transformer_settings, retry_policy, retry_policy_settings, updated_at
        """
    private static let withBreaker = "destinations d LEFT JOIN breakers b ON b.destination_id = d.id"

    private static let insertDestination = Statement(
        "destination_insert",
        """
        INSERT INTO destinations (\(written), created_at, shard, token_hash)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """)
    private static let destinationOwner = Statement(
        "destination_owner", "SELECT tenant_id FROM destinations WHERE id = $1")
    private static let destination = Statement(
        "destination",
        "SELECT \(DestinationRecord.columns) FROM \(withBreaker) WHERE d.id = $1 AND d.tenant_id = $2")
    private static let updateDestination = Statement(
        "destination_update",
        """
        UPDATE destinations SET (\(written), settings_version) =
            ROW ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, settings_version + 1)
        WHERE id = $1 AND tenant_id = $2 AND settings_version = $14
        """)
    private static let rotateToken = Statement(
        "destination_rotate",
        "UPDATE destinations SET token_hash = $3, updated_at = now() WHERE id = $1 AND tenant_id = $2")
    // A time that is sent again does not replace the first one, and nothing is announced that has not changed.
    private static let pauseDestination = Statement(
        "destination_pause",
        """
        UPDATE destinations SET
            paused_at = CASE WHEN $3 IS NULL THEN NULL ELSE coalesce(paused_at, $3) END,
            updated_at = CASE WHEN (paused_at IS NULL) = ($3 IS NULL) THEN updated_at ELSE now() END
        WHERE id = $1 AND tenant_id = $2
        """)
    private static let deleteDestination = Statement(
        "destination_delete",
        """
        WITH deleted AS (
            DELETE FROM destinations d
            WHERE d.id = $1 AND d.tenant_id = $2 AND ($3 OR NOT EXISTS (
                SELECT FROM events e WHERE e.destination_id = d.id AND e.due_at IS NOT NULL))
            RETURNING d.id, d.tenant_id, d.url),
        remembered AS (
            INSERT INTO deleted_destinations (id, tenant_id, url, deleted_at)
            SELECT id, tenant_id, url, now() FROM deleted),
        unguarded AS (DELETE FROM breakers WHERE destination_id IN (SELECT id FROM deleted))
        SELECT id FROM deleted
        """)
    private static let pluginUse = Statement(
        "plugin_use",
        """
        SELECT kind, plugin, count(DISTINCT id) FROM (
            SELECT id, '\(PluginKind.authenticator.rawValue)' AS kind, authenticator AS plugin FROM destinations
            UNION ALL SELECT id, '\(PluginKind.transformer.rawValue)', unnest(transformers) FROM destinations
            UNION ALL SELECT id, '\(PluginKind.retryPolicy.rawValue)', retry_policy FROM destinations) AS used
        WHERE plugin IS NOT NULL GROUP BY kind, plugin ORDER BY kind, plugin
        """)
    private static let authenticatorSettings = Statement(
        "authenticator_settings", "SELECT id, authenticator_settings FROM destinations WHERE authenticator = $1")
    private static let transformerSettings = Statement(
        "transformer_settings",
        """
        SELECT d.id, used.settings FROM destinations d,
            unnest(d.transformers, d.transformer_settings) AS used (plugin, settings) WHERE used.plugin = $1
        """)
    private static let retryPolicySettings = Statement(
        "retry_policy_settings", "SELECT id, retry_policy_settings FROM destinations WHERE retry_policy = $1")
    private static let destinationList = PageStatement(
        name: "destinations", columns: DestinationRecord.columns, from: withBreaker, countFrom: "destinations d",
        sorts: [
            "id": "d.id", "url": "d.url", "status": "d.status", "serverRateLimit": "d.concurrency",
            "authType": "d.auth_type", "createdAt": "d.created_at", "updatedAt": "d.updated_at",
        ],
        nullableSorts: ["authType"], tieBreaker: "d.id")
}
