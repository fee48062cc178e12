import Domain
import HTTPServer
import Ports
import Synchronization
import Telemetry
import Testing
import Threading

@testable import Ingest

let ourTenant = TenantID(high: 1, low: 1)
let otherTenant = TenantID(high: 1, low: 2)
let destination = DestinationID(high: 2, low: 1)
let sender = SenderID(high: 3, low: 1)
let noon = Timestamp(iso8601: "2026-08-01T12:00:00.123Z")!

/// Ingest behind a real server on a free port, on stores in memory.
final class Platform {
    let control = StoreControl()
    let publisher = MemoryPublisher()
    let catalog = MemoryCatalog()
    let metrics = Metrics()
    let service: IngestService
    let server: HTTPServer

    init(_ change: (inout Limits) -> Void = { _ in }, linger: LingerPolicy = .none) throws {
        var limits = Limits()
        change(&limits)
        let control = control
        service = IngestService(
            makeAcceptStore: { MemoryAcceptStore(control: control) },
            makeDirectoryStore: { MemoryDirectoryStore(control: control) }, publisher: publisher, catalog: catalog,
            limits: limits, shardCount: 16, linger: linger, metrics: metrics, clock: { noon })
        var configuration = HTTPServer.Configuration()
        configuration.metrics = metrics
        server = HTTPServer(configuration: configuration, routes: service.routes)
        addKey("key", ourTenant)
        addKey("other key", otherTenant)
        addToken("dst_1")
        service.start()
        try server.start()
    }

    deinit {
        control.open()
        server.stop(grace: .seconds(5))
        service.stop()
    }

    func addKey(_ key: String, _ tenant: TenantID) { control.change { $0.tenants[Digest(of: key).bytes] = tenant } }

    func addToken(
        _ token: String, of tenant: TenantID = ourTenant, status: DestinationStatus = .active, mapping: String? = nil
    ) {
        let target = IngestTarget(
            tenantID: tenant, destinationID: destination, destinationStatus: status,
            senderID: token.hasPrefix("sndr_") ? sender : nil, mapping: mapping.map { Array($0.utf8) })
        control.change { $0.targets[Digest(of: token).bytes] = target }
    }

    var client: PostClient { PostClient(port: server.port) }

    func path(_ token: String = "dst_1", tenant: TenantID = ourTenant) -> String { "/api/v1/ingest/\(tenant)/\(token)" }

    func post(
        _ body: String = "{}", token: String = "dst_1", tenant: TenantID = ourTenant, headers: [String: String] = [:]
    ) throws -> PostClient.Response {
        let client = client
        client.send(path(token, tenant: tenant), ["X-Api-Key": "key"].merging(headers) { $1 }, body)
        return try #require(client.response())
    }

    func count(_ series: String) -> Bool { metrics.exposition().contains(series + "\n") }
}
