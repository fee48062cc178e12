import Domain
import Foundation
import Ports

@testable import PostgresStore

func now() -> Timestamp { Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000)) }

func makeID<Of>(_: Of.Type = Of.self, at time: Timestamp = now()) -> ID<Of> {
    ID(at: time, random: (.random(in: 0 ... .max), .random(in: 0 ... .max)))
}

func makeEvent(
    tenant: TenantID = makeID(), destination: DestinationID = makeID(), key: String? = nil,
    acceptedAt: Timestamp = now(), shard: Int16 = 3, payload: [UInt8] = Array(#"{"amount":1.10}"#.utf8)
) -> NewEvent {
    NewEvent(
        item: WorkItem(
            eventID: makeID(at: acceptedAt), tenantID: tenant, destinationID: destination, acceptedAt: acceptedAt,
            contentType: "application/json; charset=utf-8", payload: payload),
        senderID: nil, shard: Shard(shard), idempotencyKey: key)
}

extension PostgresStore {
    /// Due work of any size.
    func dueWork(for requests: [(DestinationID, Int)], held: [EventID]) throws(StoreError) -> [WorkItem] {
        let requests = requests.map { DueRead.Request(destination: $0.0, events: $0.1, waitedForOpening: true) }
        return try dueWork(DueRead(requests: requests, bytes: .max, bytesPerEvent: 0, held: held, askedAt: now()))
    }
}

func makeAttempt(_ number: Int, _ outcome: OutcomeClass = .httpStatus, status: Int = 500) -> AttemptRecord {
    AttemptRecord(
        number: number, startedAt: now(), duration: .milliseconds(12), outcome: outcome, httpStatus: status,
        error: outcome == .succeeded ? nil : "the destination answered \(status)", responseBody: Array("oops".utf8),
        requestHeaders: "Content-Type: application/json\nAuthorization: ***",
        pluginChain: [PluginStep("Mapping 1.0.0", duration: .microseconds(34)), PluginStep("BearerToken 1.0.0")])
}

func makeSettlement(
    _ item: WorkItem, attemptsFinished: Int = 0, attempt: AttemptRecord? = nil,
    _ disposition: Settlement.Disposition
) -> Settlement {
    Settlement(
        eventID: item.eventID, destinationID: item.destinationID, tenantID: item.tenantID,
        attemptsFinished: attemptsFinished, attempt: attempt, disposition: disposition)
}

func makeTenant(in store: PostgresStore, named name: String = "tenant \(UInt64.random(in: 0 ... .max))") throws
    -> TenantID
{
    let tenant = TenantRecord(
        id: makeID(), name: name, maxTrys: 6, circuitBreakerTimer: 300, createdAt: now(), updatedAt: now())
    try store.createTenant(tenant, owner: makeUser(of: tenant.id), sealedSecret: Array("first secret".utf8))
    return tenant.id
}

func makeUser(
    of tenant: TenantID, email: String = "\(UInt64.random(in: 0 ... .max))@example.net", role: UserRole = .owner
) -> UserRecord {
    UserRecord(
        id: makeID(), tenantID: tenant, email: email, passwordHash: "$scrypt$…", role: role, status: .active,
        createdAt: now(), updatedAt: now())
}

func makeDestinationRecord(of tenant: TenantID, url: String = "https://receiver.example/in") -> DestinationRecord {
    DestinationRecord(
        id: makeID(), tenantID: tenant, url: url, status: .active, serverRateLimit: 5, authType: .bearerToken,
        authenticator: SealedPluginUse(plugin: "BearerToken", sealedSettings: [1, 2, 3]),
        transformers: [
            SealedPluginUse(plugin: "Mapping", sealedSettings: [4]),
            SealedPluginUse(plugin: "Mapping", sealedSettings: []),
        ],
        retryPolicy: nil, breaker: nil, createdAt: now(), updatedAt: now())
}

/// A new destination's id.
func makeDestination(in store: PostgresStore, tenant: TenantID, shard: Int16 = 3) throws -> DestinationID {
    let destination = makeDestinationRecord(of: tenant)
    try store.createDestination(destination, shard: Shard(shard), tokenHash: makeHash())
    return destination.id
}

func makeHash() -> [UInt8] { (0..<32).map { _ in .random(in: 0 ... .max) } }
