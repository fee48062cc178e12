import Domain
import Ports

extension PostgresStore: SenderStore {
    package func createSender(_ sender: SenderRecord, tokenHash: [UInt8]) throws(StoreError) {
        try connection.query(Self.insertSender) { parameters in
            parameters.add(sender.id)
            parameters.add(sender.tenantID)
            parameters.add(sender.destinationID)
            parameters.add(sender.label)
            parameters.add(sender.mapping)
            parameters.add(sender.createdAt)
            parameters.add(sender.updatedAt)
            parameters.add(tokenHash)
        }
    }

    package func owner(ofSender id: SenderID) throws(StoreError) -> TenantID? {
        try connection.query(Self.senderOwner) { $0.add(id) }.first { row throws(StoreError) in try row.value() }
    }

    package func sender(_ id: SenderID, of tenant: TenantID) throws(StoreError) -> SenderRecord? {
        try connection.query(Self.sender) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.first(SenderRecord.init)
    }

    /// Sorts: `id`, `label`, `createdAt`, `updatedAt`.
    package func senders(of tenant: TenantID, destination: DestinationID?, _ page: PageQuery) throws(StoreError)
        -> Page<SenderRecord>
    {
        let filters: [PageStatement.Filter?] = [
            .init("tenant", "tenant_id = $#", tenant), .init("destination", "destination_id = $#", destination),
        ]
        return try Self.senderList.run(
            on: connection, filters: filters.compactMap { $0 }, page: page, read: SenderRecord.init)
    }

    package func updateSender(
        _ id: SenderID, of tenant: TenantID, label: String??, mapping: [UInt8]??
    ) throws(StoreError) -> SenderRecord? {
        try connection.query(Self.updateSender) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(label != nil)
            parameters.add(label ?? nil)
            parameters.add(mapping != nil)
            parameters.add(mapping ?? nil)
        }.first(SenderRecord.init)
    }

    package func deleteSender(_ id: SenderID, of tenant: TenantID) throws(StoreError) -> Bool {
        try connection.query(Self.deleteSender) { parameters in
            parameters.add(id)
            parameters.add(tenant)
        }.affected > 0
    }

    package func rotateSenderToken(_ id: SenderID, of tenant: TenantID, tokenHash: [UInt8]) throws(StoreError)
        -> Bool
    {
        try connection.query(Self.rotateSender) { parameters in
            parameters.add(id)
            parameters.add(tenant)
            parameters.add(tokenHash)
        }.affected > 0
    }

    package func setMapping(_ mapping: [UInt8]?, sender: SenderID, of tenant: TenantID) throws(StoreError) -> Bool {
        try connection.query(Self.setMapping) { parameters in
            parameters.add(sender)
            parameters.add(tenant)
            parameters.add(mapping)
        }.affected > 0
    }

    /// The mappings of all senders that are settings of this component.
    package func senderMappings(for kind: PluginKind, _ plugin: String) throws(StoreError) -> [[UInt8]] {
        guard kind == .transformer, plugin == SenderRecord.mappingTransformer else { return [] }
        return try connection.query(Self.allMappings).map { row throws(StoreError) in try row.value() }
    }
}

extension SenderRecord {
    fileprivate static let columns = "id, tenant_id, destination_id, label, mapping, created_at, updated_at"

    fileprivate init(_ row: inout Row) throws(StoreError) {
        try self.init(
            id: row.value(), tenantID: row.value(), destinationID: row.value(), label: row.optional(),
            mapping: row.optional(), createdAt: row.value(), updatedAt: row.value())
    }
}

extension PostgresStore {
    // The destination must be the same tenant's; the caller's check may be older than the row.
    private static let insertSender = Statement(
        "sender_insert",
        """
        INSERT INTO senders (\(SenderRecord.columns), token_hash) VALUES ($1, $2,
            (SELECT id FROM destinations WHERE id = $3 AND tenant_id = $2), $4, $5, $6, $7, $8)
        """)
    private static let senderOwner = Statement("sender_owner", "SELECT tenant_id FROM senders WHERE id = $1")
    private static let sender = Statement(
        "sender", "SELECT \(SenderRecord.columns) FROM senders WHERE id = $1 AND tenant_id = $2")
    private static let updateSender = Statement(
        "sender_update",
        """
        UPDATE senders SET label = CASE WHEN $3 THEN $4 ELSE label END,
            mapping = CASE WHEN $5 THEN $6 ELSE mapping END, updated_at = now()
        WHERE id = $1 AND tenant_id = $2 RETURNING \(SenderRecord.columns)
        """)
    private static let deleteSender = Statement("sender_delete", "DELETE FROM senders WHERE id = $1 AND tenant_id = $2")
    private static let rotateSender = Statement(
        "sender_rotate",
        "UPDATE senders SET token_hash = $3, updated_at = now() WHERE id = $1 AND tenant_id = $2")
    private static let allMappings = Statement(
        "all_mappings", "SELECT mapping FROM senders WHERE mapping IS NOT NULL")
    private static let setMapping = Statement(
        "sender_mapping", "UPDATE senders SET mapping = $3, updated_at = now() WHERE id = $1 AND tenant_id = $2")
    private static let senderList = PageStatement(
        name: "senders", columns: SenderRecord.columns, from: "senders", countFrom: "senders",
        sorts: ["id": "id", "label": "label", "createdAt": "created_at", "updatedAt": "updated_at"],
        nullableSorts: ["label"], tieBreaker: "id")
}
