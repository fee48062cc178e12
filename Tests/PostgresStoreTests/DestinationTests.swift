import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Destinations, senders and keys", .needsPostgres)
struct DestinationTests {
    let database: TestDatabase
    let store: PostgresStore
    let tenant: TenantID
    let stranger: TenantID

    init() throws {
        database = try TestDatabase()
        store = database.makeStore(.management())
        tenant = try makeTenant(in: store)
        stranger = try makeTenant(in: store)
    }

    private func page(_ sort: String, limit: Int = 10, offset: Int = 0, descending: Bool = false) -> PageQuery {
        PageQuery(offset: offset, limit: limit, sort: sort, descending: descending)
    }

    private func makeSender(_ destination: DestinationID, label: String? = "billing", hash: [UInt8] = makeHash()) throws
        -> SenderRecord
    {
        let sender = SenderRecord(
            id: makeID(), tenantID: tenant, destinationID: destination, label: label, mapping: nil, createdAt: now(),
            updatedAt: now())
        try store.createSender(sender, tokenHash: hash)
        return sender
    }

    @Test func aDestinationIsReadAsWritten() throws {
        let written = makeDestinationRecord(of: tenant)
        let hash = makeHash()
        try store.createDestination(written, shard: Shard(7), tokenHash: hash)
        let read = try #require(try store.destination(written.id, of: tenant))
        #expect(read.url == written.url && read.status == .active && read.serverRateLimit == 5)
        #expect(read.authType == .bearerToken && read.authenticator == written.authenticator)
        #expect(read.transformers == written.transformers && read.retryPolicy == nil && read.breaker == nil)
        #expect(read.createdAt == written.createdAt && read.updatedAt == written.updatedAt)
        #expect(read.settingsVersion == 1)

        #expect(try store.owner(ofDestination: written.id) == tenant)
        #expect(try store.owner(ofDestination: makeID()) == nil)
        #expect(try store.destination(written.id, of: stranger) == nil)
        #expect(try database.makeConnection().text("SELECT shard FROM destinations") == "7")
        #expect(throws: StoreError.conflict(constraint: "destinations_token_key")) {
            try store.createDestination(makeDestinationRecord(of: tenant), shard: Shard(0), tokenHash: hash)
        }
    }

    @Test func anUpdateRaisesTheVersionAndKeepsShardAndToken() throws {
        var destination = makeDestinationRecord(of: tenant)
        let hash = makeHash()
        try store.createDestination(destination, shard: Shard(7), tokenHash: hash)
        destination.url = "https://elsewhere.example/"
        destination.status = .suspended
        destination.authType = nil
        destination.authenticator = nil
        destination.transformers = []
        destination.retryPolicy = SealedPluginUse(plugin: "Fixed", sealedSettings: [8])
        #expect(try store.updateDestination(destination) == .done)
        let settings = try #require(try store.destinations([destination.id]).first)
        #expect(settings.settingsVersion == 2 && settings.url == "https://elsewhere.example/")
        #expect(settings.status == .suspended && settings.authenticator == nil && settings.transformers == [])
        #expect(settings.retryPolicy == destination.retryPolicy)
        #expect(try store.target(ofTokenHash: hash)?.destinationID == destination.id)

        destination.tenantID = stranger
        destination.settingsVersion = 2
        #expect(try store.updateDestination(destination) == .unknown)
    }

    @Test func ofConcurrentChangesToTheSameVersionOneIsWritten() throws {
        let written = makeDestinationRecord(of: tenant)
        try store.createDestination(written, shard: Shard(7), tokenHash: makeHash())
        let (database, tenant) = (database, tenant)
        let read = try #require(try store.destination(written.id, of: tenant))
        let outcomes = try inParallel(4) { index in
            var destination = read
            destination.serverRateLimit = 10 + index
            return try database.makeStore(.management()).updateDestination(destination)
        }
        #expect(outcomes.filter { $0 == .outdated }.count == 3)
        let winner = try #require(outcomes.firstIndex(of: .done))
        let after = try #require(try store.destination(written.id, of: tenant))
        #expect(after.serverRateLimit == 10 + winner && after.settingsVersion == 2)
        #expect(try store.rotateDestinationToken(written.id, of: tenant, tokenHash: makeHash()))
        #expect(try store.updateDestination(after) == .done)
    }

    @Test func theDirectoryTellsAllThatAnAttemptNeeds() throws {
        let destination = makeDestinationRecord(of: tenant)
        try store.createDestination(destination, shard: Shard(7), tokenHash: makeHash())
        try store.rotateWebhookSecret(of: tenant, sealed: [2], overlap: .seconds(600))
        let breaker = BreakerRecord(
            destinationID: destination.id, state: .open, consecutiveFailures: 5, nextProbeAt: Timestamp(seconds: 5))
        _ = try store.settle([], breakers: [breaker])
        let settings = try #require(try store.destinations([makeID(), destination.id]).first)
        #expect(settings.tenantID == tenant && settings.concurrency == 5 && settings.settingsVersion == 1)
        #expect(settings.attemptsMax == 6 && settings.breakerOpenTime == .seconds(300))
        #expect(settings.secrets.map(\.sealed) == [[2], Array("first secret".utf8)])
        #expect(settings.secrets[0].validUntil == nil && settings.secrets[1].validUntil != nil)
        #expect(settings.breaker == breaker && settings.authenticator == destination.authenticator)
        #expect(settings.transformers == destination.transformers)
        #expect(try store.destination(destination.id, of: tenant)?.breaker == breaker)
        #expect(try store.destinations([DestinationID]()).isEmpty)
    }

    @Test func tokensOfDestinationsAndSendersPointAtTheirTarget() throws {
        let (hash, senderHash, newHash) = (makeHash(), makeHash(), makeHash())
        let destination = makeDestinationRecord(of: tenant)
        try store.createDestination(destination, shard: Shard(7), tokenHash: hash)
        let sender = try makeSender(destination.id, hash: senderHash)
        #expect(try store.setMapping(Array("{}".utf8), sender: sender.id, of: tenant))
        let own = IngestTarget(
            tenantID: tenant, destinationID: destination.id, destinationStatus: .active, senderID: nil, mapping: nil)
        var senders = own
        senders.senderID = sender.id
        senders.mapping = Array("{}".utf8)
        #expect(try store.target(ofTokenHash: hash) == own)
        #expect(try store.target(ofTokenHash: senderHash) == senders)
        #expect(try store.target(ofTokenHash: makeHash()) == nil)

        #expect(try !store.rotateDestinationToken(destination.id, of: stranger, tokenHash: newHash))
        #expect(try store.rotateDestinationToken(destination.id, of: tenant, tokenHash: newHash))
        #expect(try store.target(ofTokenHash: hash) == nil)
        #expect(try store.target(ofTokenHash: newHash) == own)
    }

    @Test func sendersBelongToTheirTenant() throws {
        let destination = try makeDestination(in: store, tenant: tenant)
        let sender = try makeSender(destination)
        #expect(try store.owner(ofSender: sender.id) == tenant)
        #expect(try store.sender(sender.id, of: tenant)?.label == "billing")
        #expect(try store.sender(sender.id, of: stranger) == nil)
        #expect(try !store.setMapping([1], sender: sender.id, of: stranger))
        #expect(try !store.rotateSenderToken(sender.id, of: stranger, tokenHash: makeHash()))
        #expect(try store.rotateSenderToken(sender.id, of: tenant, tokenHash: makeHash()))
        #expect(try store.setMapping([1], sender: sender.id, of: tenant))
        #expect(try store.setMapping(nil, sender: sender.id, of: tenant))
        #expect(try store.sender(sender.id, of: tenant)?.mapping == nil)
        let foreign = SenderRecord(
            id: makeID(), tenantID: stranger, destinationID: destination, label: nil, mapping: nil, createdAt: now(),
            updatedAt: now())
        #expect(throws: StoreError.self) { try store.createSender(foreign, tokenHash: makeHash()) }

        #expect(try store.senders(of: stranger, destination: destination, page("id")).total == 0)
        _ = try makeSender(destination, label: nil)
        let list = try store.senders(of: tenant, destination: destination, page("label"))
        #expect(list.total == 2 && list.rows.map(\.label) == [nil, "billing"])
        #expect(try store.senders(of: tenant, destination: nil, page("label")).total == 2)
        #expect(try store.senders(of: stranger, destination: nil, page("label")).total == 0)

        #expect(try store.updateSender(sender.id, of: stranger, label: "x", mapping: nil) == nil)
        let kept = try store.updateSender(sender.id, of: tenant, label: nil, mapping: .some([2]))
        #expect(kept?.label == "billing" && kept?.mapping == [2])
        let cleared = try store.updateSender(sender.id, of: tenant, label: .some(nil), mapping: nil)
        #expect(cleared?.label == .some(nil) && cleared?.mapping == [2])
        #expect(try !store.deleteSender(sender.id, of: stranger))
        #expect(try store.deleteSender(sender.id, of: tenant))
        #expect(try store.owner(ofSender: sender.id) == nil)
    }

    @Test func listsAreSortedPagedFilteredAndCounted() throws {
        for (index, name) in ["c", "a", "b"].enumerated() {
            var destination = makeDestinationRecord(of: tenant, url: "https://\(name).example/")
            destination.status = index == 0 ? .inactive : .active
            try store.createDestination(destination, shard: Shard(0), tokenHash: makeHash())
        }
        _ = try makeDestination(in: store, tenant: stranger)
        let first = try store.destinations(of: tenant, status: nil, page("url", limit: 2))
        #expect(first.total == 3 && first.rows.map(\.url) == ["https://a.example/", "https://b.example/"])
        let last = try store.destinations(of: tenant, status: nil, page("url", limit: 2, offset: 2))
        #expect(last.total == 3 && last.rows.map(\.url) == ["https://c.example/"])
        #expect(try store.destinations(of: tenant, status: nil, page("url", offset: 50)).total == 3)
        let inactive = try store.destinations(of: tenant, status: .inactive, page("createdAt", descending: true))
        #expect(inactive.total == 1 && inactive.rows.map(\.url) == ["https://c.example/"])
    }

    @Test(arguments: ["token_hash", "id; DROP TABLE tenants", ""])
    func anUndocumentedSortNameIsRefused(_ sort: String) {
        #expect(throws: StoreError.self) { try store.destinations(of: tenant, status: nil, page(sort)) }
    }

    @Test func everyDocumentedSortNameWorks() throws {
        let destination = try makeDestination(in: store, tenant: tenant)
        for descending in [true, false] {
            for sort in ["id", "url", "status", "serverRateLimit", "authType", "createdAt", "updatedAt"] {
                let list = try store.destinations(of: tenant, status: .active, page(sort, descending: descending))
                #expect(list.total == 1)
            }
            for sort in ["id", "name", "createdAt", "revokedAt", "isActive"] {
                #expect(try store.apiKeys(of: tenant, active: nil, page(sort, descending: descending)).total == 0)
            }
            for sort in ["id", "label", "createdAt", "updatedAt"] {
                let list = try store.senders(of: tenant, destination: destination, page(sort, descending: descending))
                #expect(list.total == 0)
            }
        }
    }

    @Test func componentsInUseAreCountedByDestination() throws {
        _ = try makeDestination(in: store, tenant: tenant)
        _ = try makeDestination(in: store, tenant: stranger)
        let use = try store.pluginUse().map { "\($0.kind.name) \($0.plugin) \($0.destinations)" }
        #expect(use == ["authenticator BearerToken 2", "transformer Mapping 2"])
    }

    @Test func aRevokedKeyStopsWorking() throws {
        let hash = makeHash()
        let key = APIKeyRecord(id: makeID(), tenantID: tenant, name: "shipper", createdAt: now(), revokedAt: nil)
        try store.createAPIKey(key, hash: hash)
        #expect(try store.tenant(ofAPIKeyHash: hash) == tenant)
        #expect(try store.owner(ofAPIKey: key.id) == tenant)
        #expect(try store.revokeAPIKey(key.id, of: stranger, at: now()) == nil)
        let at = Timestamp(seconds: 1_800_000_000)
        #expect(try store.revokeAPIKey(key.id, of: tenant, at: at)?.revokedAt == at)
        #expect(try store.revokeAPIKey(key.id, of: tenant, at: at) == nil)
        #expect(try store.tenant(ofAPIKeyHash: hash) == nil)
        #expect(try store.apiKeys(of: tenant, active: true, page("id")).total == 0)
        #expect(try store.apiKeys(of: tenant, active: false, page("id")).rows.map(\.name) == ["shipper"])
        #expect(try store.apiKeys(of: tenant, active: nil, page("id")).total == 1)
    }
}
