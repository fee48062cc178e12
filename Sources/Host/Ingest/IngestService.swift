import Domain
import HTTPServer
import Ports
import Telemetry
import Threading

// Ingest: the accept path, from a posted body to a committed event and a published message.
//
//     server thread                    loader thread            batcher thread
//     checks, cached directory ─miss─► DirectoryStore
//     mapping, JSON check ◄──────────  (and goes on there)
//     submit ─────────────────────────────────────────────────► AcceptStore.accept, one commit for all that wait
//     response ◄─────────────────────────────────────────────── publish, then answer each request
//
// A batch of events is taken apart by a thread of its own on the way. Nothing blocks a server thread. Each store is
// made by a factory on the thread that then owns it. Requests that wait for the loader are bounded by the server's
// connections, requests that wait for a commit by `Limits`.

/// The ingest route and the threads behind it. Start it before the server, stop it after.
package final class IngestService: EventIntake {
    private let directory: IngestDirectory
    private let batcher: AcceptBatcher
    private let batches: BatchIngest
    private let handler: IngestHandler
    private let limits: Limits
    /// How long an event of our own waits for its commit.
    private static let patience = Duration.seconds(15)

    /// makeAcceptStore, makeDirectoryStore: called once each, on the thread that uses the store from then on.
    /// clock: the database's time, as well as this node knows it.
    /// shardCount: as the database was created with.
    package init(
        makeAcceptStore: @escaping @Sendable () -> any AcceptStore,
        makeDirectoryStore: @escaping @Sendable () -> any DirectoryStore, publisher: any MessagePublisher,
        catalog: any PluginCatalog, limits: Limits, shardCount: Int16, linger: LingerPolicy = .none,
        metrics: Metrics = .shared, clock: @escaping @Sendable () -> Timestamp
    ) {
        let counts = IngestMetrics(metrics)
        directory = IngestDirectory(makeStore: makeDirectoryStore)
        batcher = AcceptBatcher(
            makeStore: makeAcceptStore, publisher: publisher, limits: limits, shardCount: shardCount, linger: linger,
            metrics: counts, clock: clock)
        let mappings = SenderMappings(catalog)
        batches = BatchIngest(batcher: batcher, mappings: mappings, limits: limits)
        handler = IngestHandler(
            directory: directory, batcher: batcher, batches: batches, mappings: mappings, jsonDepth: limits.jsonDepth,
            metrics: counts)
        self.limits = limits
    }

    package var routes: [Route] {
        let handler = handler
        return [
            Route(
                "POST", "/api/v1/ingest/{tenantId:uuid}/{token}", bodyLimit: limits.ingestBodyBytes,
                .inline { handler.handle(.event, $0, $1) }),
            Route(
                "POST", "/api/v1/ingest/{tenantId:uuid}/{token}/batch", bodyLimit: limits.batchBodyBytes,
                .inline { handler.handle(.batch, $0, $1) }),
        ]
    }

    package func start() {
        directory.start()
        batcher.start()
        batches.start()
    }

    /// Commits and answers what is queued, then returns. What comes after that is answered 503.
    package func stop() {
        directory.stop()
        batches.stop()
        batcher.stop()
    }

    package func accept(test payload: [UInt8], for target: IngestTarget) -> TestEventAnswer {
        let answers = Mailbox<IngestAnswer>()
        var event = PendingEvent(
            reply: .own(answers), target: target, payload: payload, contentType: IngestRules.defaultContentType,
            traceparent: "")
        event.isTest = true
        if batcher.submit(event) != nil { return .unavailable }
        guard case .accepted(let id, let acceptedAt) = answers.takeAll(until: .now + Self.patience).first else {
            return .unavailable
        }
        return .accepted(id, acceptedAt: acceptedAt)
    }

    /// Forgets what a change has made stale. From any thread; never blocks.
    package func apply(_ change: DirectoryChange) { directory.apply(change) }
}
