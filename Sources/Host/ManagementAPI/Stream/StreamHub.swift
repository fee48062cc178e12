import Domain
import HTTPServer
import Ports
import Synchronization
import Telemetry
import Threading

/// All streams that are open on this node, and the one thread that feeds them.
///
/// The thread starts with the first stream. While there are streams it looks for entries at a fixed pace; nothing wakes
/// it, because what was committed may become readable only later, when an older transaction ends. Clients of a tenant
/// that are at the same place share one read.
final class StreamHub: Sendable {
    /// What the hub takes from the API.
    struct Environment: Sendable {
        var pool: any ManagementStorePool
        var limits: Limits
        var clock: @Sendable () -> Timestamp
        /// How long a token may have ended before its streams are closed.
        var recheck: Duration
    }

    /// The data of entries, by what they are about.
    typealias Render = @Sendable (StreamRendering, any ManagementStore) throws -> [StreamEntry.Key: [UInt8]]

    private struct Doors {
        var isClosed = false
        var thread: WorkerThread?
        var open = 0
        var byTenant: [TenantID: Int] = [:]
    }

    /// In seconds, for `Retry-After`.
    static let retryAfter = Duration.seconds(5)

    private let environment: Environment
    private let joining = Mailbox<StreamClient>()
    private let doors = Mutex(Doors())
    private let metrics = StreamMetrics()

    init(_ environment: Environment) { self.environment = environment }

    /// Takes a new stream in. Throws 503 if the node has enough of them, or stops, and 429 if the tenant has.
    func open(_ client: StreamClient, render: @escaping Render) throws(Refusal) {
        let limits = environment.limits
        let tenant = client.listener.tenantID
        let refusal: Refusal? = doors.withLock { doors in
            if doors.isClosed || doors.open >= limits.streams {
                return Refusal(
                    status: 503, sentence: "this server has as many open streams as it takes",
                    retryAfter: Self.retryAfter)
            }
            if doors.byTenant[tenant, default: 0] >= limits.streamsPerTenant {
                return .tooMany(
                    "the tenant has \(limits.streamsPerTenant) open streams, and more are not allowed",
                    retryAfter: Self.retryAfter)
            }
            doors.open += 1
            doors.byTenant[tenant, default: 0] += 1
            if doors.thread == nil { doors.thread = makeThread(render) }
            return nil
        }
        if let refusal { throw refusal }
        metrics.open.add(1)
        joining.post(client)
    }

    /// Ends all streams and lets none in any more.
    func stop() {
        let thread = doors.withLock { doors in
            doors.isClosed = true
            defer { doors.thread = nil }
            return doors.thread
        }
        joining.close()
        thread?.join()
    }

    private func makeThread(_ render: @escaping Render) -> WorkerThread {
        let feeder = StreamFeeder(environment, metrics, render) { [self] tenant in left(tenant) }
        let joining = joining
        return WorkerThread("streams") { feeder.run(joining) }
    }

    private func left(_ tenant: TenantID) {
        doors.withLock { doors in
            doors.open -= 1
            let rest = doors.byTenant[tenant, default: 1] - 1
            doors.byTenant[tenant] = rest > 0 ? rest : nil
        }
    }
}

struct StreamMetrics: Sendable {
    let open = Metrics.shared.gauge("hooksentry_streams", help: "Streams open on this node.")
    let entries = Metrics.shared.counter(
        "hooksentry_stream_entries_total", help: "Entries sent, each stream counted.")
    let resets = Metrics.shared.counter(
        "hooksentry_stream_resets_total", help: "Streams whose client had to start anew, because entries were gone.")
    private let closed = Dictionary(
        uniqueKeysWithValues: StreamClient.Ending.allCases.map { ending in
            (
                ending,
                Metrics.shared.counter(
                    "hooksentry_streams_closed_total", help: "Streams closed by the server, by reason.",
                    labels: ["reason": ending.rawValue])
            )
        })

    func count(_ ending: StreamClient.Ending) { closed[ending]?.add() }
}
