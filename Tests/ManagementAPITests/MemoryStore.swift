import Domain
import Ports

/// The store's documented semantics over dictionaries: tenants in every predicate, unique rules, conditional
/// updates, single-use tokens. One object, one thread at a time, as the protocol says.
final class MemoryStore: ManagementStore {
    let clock: TestClock
    var tenants: [TenantID: TenantRecord] = [:]
    var secrets: [TenantID: [SealedSecret]] = [:]
    var users: [UserID: UserRecord] = [:]
    var counters: [String: (count: Int, endsAt: Timestamp)] = [:]
    var refreshTokens: [[UInt8]: (family: ID<Session>, user: UserID, expiresAt: Timestamp, used: Bool)] = [:]
    var endedFamilies: Set<ID<Session>> = []
    var deniedTokens: [ID<Ports.AccessToken>: Timestamp] = [:]
    var keys: [APIKeyID: (record: APIKeyRecord, hash: [UInt8])] = [:]
    var destinations: [DestinationID: (record: DestinationRecord, shard: Shard, hash: [UInt8])] = [:]
    var senders: [SenderID: (record: SenderRecord, hash: [UInt8])] = [:]
    var events: [EventID: EventRecord] = [:]
    var attempts: [EventID: [AttemptRecord]] = [:]
    var notifications: [NotificationID: NotificationRecord] = [:]
    var streamTickets: [[UInt8]: (listener: StreamListener, expiresAt: Timestamp)] = [:]
    var invites: [InviteID: (record: InviteRecord, hash: [UInt8])] = [:]
    var replays: [ReplayJobID: ReplayJobRecord] = [:]
    /// What others do between the read and the write of a change.
    var beforeDestinationUpdate: ((MemoryStore) -> Void)?
    var beforeUserUpdate: ((MemoryStore) -> Void)?
    /// Between the look at a password and the session that it opens.
    var beforeRefreshToken: ((MemoryStore) -> Void)?

    init(clock: TestClock) { self.clock = clock }

    // Tenants

    func createTenant(_ tenant: TenantRecord, owner: UserRecord, sealedSecret: [UInt8]) throws(StoreError) {
        try requireFreeName(tenant.name, except: nil)
        try createUser(owner)
        tenants[tenant.id] = tenant
        secrets[tenant.id] = [SealedSecret(sealed: sealedSecret, validUntil: nil)]
    }

    func tenant(_ id: TenantID) throws(StoreError) -> TenantRecord? { tenants[id] }

    func updateTenant(
        _ id: TenantID, name: String?, maxTrys: Int?, circuitBreakerTimer: Int?
    ) throws(StoreError) -> TenantRecord? {
        guard var tenant = tenants[id] else { return nil }
        if let name { try requireFreeName(name, except: id) }
        tenant.name = name ?? tenant.name
        tenant.maxTrys = maxTrys ?? tenant.maxTrys
        tenant.circuitBreakerTimer = circuitBreakerTimer ?? tenant.circuitBreakerTimer
        tenant.updatedAt = clock.now
        tenants[id] = tenant
        return tenant
    }

    private func requireFreeName(_ name: String, except id: TenantID?) throws(StoreError) {
        if tenants.values.contains(where: { $0.name == name && $0.id != id }) {
            throw .conflict(constraint: "tenants_name_key")
        }
    }

    func webhookSecrets(of tenant: TenantID) throws(StoreError) -> [SealedSecret] {
        (secrets[tenant] ?? []).filter { $0.validUntil.map { $0 > clock.now } ?? true }
    }

    func rotateWebhookSecret(of tenant: TenantID, sealed: [UInt8], overlap: Duration) throws(StoreError) {
        guard var list = secrets[tenant] else { return }
        for index in list.indices.dropFirst() { list[index].validUntil = clock.now }
        list[0].validUntil = clock.now + overlap
        secrets[tenant] = [SealedSecret(sealed: sealed, validUntil: nil)] + list
    }

    // API keys

    func createAPIKey(_ key: APIKeyRecord, hash: [UInt8]) throws(StoreError) { keys[key.id] = (key, hash) }

    func apiKeys(of tenant: TenantID, active: Bool?, _ page: PageQuery) throws(StoreError) -> Page<APIKeyRecord> {
        let rows = keys.values.map(\.record).filter {
            $0.tenantID == tenant && (active == nil || ($0.revokedAt == nil) == active)
        }
        return try sorted(rows, page) { key in
            [
                "id": "\(key.id)", "name": key.name, "isActive": "\(key.revokedAt == nil)",
                "createdAt": "\(key.createdAt)", "revokedAt": "\(key.revokedAt.map { "\($0)" } ?? "")",
            ]
        }
    }

    func owner(ofAPIKey id: APIKeyID) throws(StoreError) -> TenantID? { keys[id]?.record.tenantID }

    func revokeAPIKey(_ id: APIKeyID, of tenant: TenantID, at: Timestamp) throws(StoreError) -> APIKeyRecord? {
        guard let key = keys[id]?.record, key.tenantID == tenant, key.revokedAt == nil else { return nil }
        keys[id]?.record.revokedAt = at
        return keys[id]?.record
    }

    // Destinations

    func createDestination(_ destination: DestinationRecord, shard: Shard, tokenHash: [UInt8]) throws(StoreError) {
        destinations[destination.id] = (destination, shard, tokenHash)
    }

    func owner(ofDestination id: DestinationID) throws(StoreError) -> TenantID? { destinations[id]?.record.tenantID }

    func destination(_ id: DestinationID, of tenant: TenantID) throws(StoreError) -> DestinationRecord? {
        destinations[id].map(\.record).flatMap { $0.tenantID == tenant ? $0 : nil }
    }

    func destinations(
        of tenant: TenantID, status: DestinationStatus?, _ page: PageQuery
    ) throws(StoreError) -> Page<DestinationRecord> {
        let rows = destinations.values.map(\.record).filter {
            $0.tenantID == tenant && (status == nil || $0.status == status)
        }
        return try sorted(rows, page) { row in
            [
                "id": "\(row.id)", "url": row.url, "status": row.status.name,
                "serverRateLimit": padded(row.serverRateLimit), "authType": row.authType?.name ?? "",
                "createdAt": "\(row.createdAt)", "updatedAt": "\(row.updatedAt)",
            ]
        }
    }

    func updateDestination(_ destination: DestinationRecord) throws(StoreError) -> DestinationChange {
        beforeDestinationUpdate?(self)
        guard let old = destinations[destination.id]?.record, old.tenantID == destination.tenantID
        else { return .unknown }
        guard old.settingsVersion == destination.settingsVersion else { return .outdated }
        var new = destination
        new.breaker = old.breaker
        new.createdAt = old.createdAt
        new.settingsVersion += 1
        destinations[destination.id]?.record = new
        return .done
    }

    func rotateDestinationToken(
        _ id: DestinationID, of tenant: TenantID, tokenHash: [UInt8]
    ) throws(StoreError) -> Bool {
        guard destinations[id]?.record.tenantID == tenant else { return false }
        destinations[id]?.hash = tokenHash
        return true
    }

    func pauseDestination(
        _ id: DestinationID, of tenant: TenantID, at: Timestamp?
    ) throws(StoreError) -> DestinationRecord? {
        guard let old = try destination(id, of: tenant) else { return nil }
        destinations[id]?.record.pausedAt = at.map { old.pausedAt ?? $0 }
        return destinations[id]?.record
    }

    func deleteDestination(
        _ id: DestinationID, of tenant: TenantID, despiteWaiting: Bool
    ) throws(StoreError) -> DestinationRemoval {
        guard try destination(id, of: tenant) != nil else { return .unknown }
        let waits = events.values.contains { $0.item.destinationID == id && !$0.status.isFinal }
        guard despiteWaiting || !waits else { return .hasWaitingEvents }
        destinations[id] = nil
        senders = senders.filter { $0.value.record.destinationID != id }
        return .done
    }

    func pluginUse() throws(StoreError) -> [(kind: PluginKind, plugin: String, destinations: Int)] { [] }

    // Senders

    func createSender(_ sender: SenderRecord, tokenHash: [UInt8]) throws(StoreError) {
        senders[sender.id] = (sender, tokenHash)
    }

    func owner(ofSender id: SenderID) throws(StoreError) -> TenantID? { senders[id]?.record.tenantID }

    func sender(_ id: SenderID, of tenant: TenantID) throws(StoreError) -> SenderRecord? {
        senders[id].map(\.record).flatMap { $0.tenantID == tenant ? $0 : nil }
    }

    func senders(
        of tenant: TenantID, destination: DestinationID?, _ page: PageQuery
    ) throws(StoreError) -> Page<SenderRecord> {
        let rows = senders.values.map(\.record).filter {
            $0.tenantID == tenant && (destination == nil || $0.destinationID == destination)
        }
        return try sorted(rows, page) { row in
            [
                "id": "\(row.id)", "label": row.label ?? "", "createdAt": "\(row.createdAt)",
                "updatedAt": "\(row.updatedAt)",
            ]
        }
    }

    func updateSender(
        _ id: SenderID, of tenant: TenantID, label: String??, mapping: [UInt8]??
    ) throws(StoreError) -> SenderRecord? {
        guard try sender(id, of: tenant) != nil else { return nil }
        if let label { senders[id]?.record.label = label }
        if let mapping { senders[id]?.record.mapping = mapping }
        return senders[id]?.record
    }

    func deleteSender(_ id: SenderID, of tenant: TenantID) throws(StoreError) -> Bool {
        guard senders[id]?.record.tenantID == tenant else { return false }
        senders[id] = nil
        return true
    }

    func rotateSenderToken(_ id: SenderID, of tenant: TenantID, tokenHash: [UInt8]) throws(StoreError) -> Bool {
        guard senders[id]?.record.tenantID == tenant else { return false }
        senders[id]?.hash = tokenHash
        return true
    }

    func setMapping(_ mapping: [UInt8]?, sender: SenderID, of tenant: TenantID) throws(StoreError) -> Bool {
        guard senders[sender]?.record.tenantID == tenant else { return false }
        senders[sender]?.record.mapping = mapping
        return true
    }

    /// columns: the sortable ones as text; a name outside them is what a real store would refuse.
    func sorted<Row>(
        _ rows: [Row], _ page: PageQuery, columns: (Row) -> [String: String]
    ) throws(StoreError) -> Page<Row> {
        var keyed: [(key: String, row: Row)] = []
        for row in rows {
            guard let key = columns(row)[page.sort] else {
                throw .rejected(sqlState: "42703", "column \(page.sort) does not exist")
            }
            keyed.append((key, row))
        }
        keyed.sort { page.descending ? $0.key > $1.key : $0.key < $1.key }
        return Page(total: rows.count, rows: keyed.dropFirst(page.offset).prefix(page.limit).map(\.row))
    }
}

func padded(_ number: Int) -> String { String(repeating: "0", count: 12 - "\(number)".count) + "\(number)" }
