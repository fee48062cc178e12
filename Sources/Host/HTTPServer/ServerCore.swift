import Synchronization
import Telemetry

/// What the server's callbacks share. Everything in it may be used from any thread.
final class ServerCore: Sendable {
    let configuration: HTTPServer.Configuration
    let routes: [Route]
    let router: Router
    let pool: BlockingPool
    let requestIDs = RequestIDs()
    let connections: ConnectionTable
    let bodyBudget: ByteBudget
    let answerBudget: ByteBudget
    /// Requests whose headers are in and whose answer is not sent.
    let inFlight = Countdown()
    /// Requests whose handler has not answered; the server must not stop while one of them may resume its connection.
    let unanswered = Countdown()
    let openConnections: Gauge
    private let routeMetrics: [RouteMetrics]
    private let unmatchedMetrics: RouteMetrics
    private let stage = Atomic<Stage>(.serving)
    /// For clients to take a last answer after the grace.
    private static let farewell = Duration.milliseconds(250)

    private enum Stage: UInt8, AtomicRepresentable {
        case serving
        /// Answers carry `Connection: close`.
        case draining
        /// New requests on old connections get 503.
        case refusing
    }

    init(_ configuration: HTTPServer.Configuration, _ routes: [Route]) {
        self.configuration = configuration
        self.routes = routes
        router = Router(routes)
        bodyBudget = ByteBudget(bytesMax: configuration.arrivingBytes)
        answerBudget = ByteBudget(bytesMax: configuration.answerBytes)
        connections = ConnectionTable(addressMax: configuration.connectionsPerAddress)
        pool = BlockingPool(threads: configuration.blockingThreads, queue: configuration.blockingQueue)
        routeMetrics = routes.map { RouteMetrics(configuration.metrics, route: $0.pattern) }
        unmatchedMetrics = RouteMetrics(configuration.metrics, route: "unmatched")
        openConnections = configuration.metrics.gauge("hooksentry_http_connections", help: "Connections open.")
    }

    var isDraining: Bool { stage.load(ordering: .relaxed) != .serving }
    var isRefusing: Bool { stage.load(ordering: .sequentiallyConsistent) == .refusing }

    func metrics(of route: Int?) -> RouteMetrics { route.map { routeMetrics[$0] } ?? unmatchedMetrics }

    /// Waits for requests in flight, then answers for handlers that took too long. On return no connection is
    /// suspended and none will be.
    func drain(grace: Duration) {
        stage.store(.draining, ordering: .sequentiallyConsistent)
        endStreams()
        let isQuiet = inFlight.waitForZero(until: .now + grace)
        stage.store(.refusing, ordering: .sequentiallyConsistent)
        if !isQuiet {
            Log("http").warning("the grace is over, requests in flight get 503", ["requests": "\(unanswered.value)"])
        }
        // A request that read the stage before it changed has counted itself by then (`Exchange.dispatch`), though its
        // connection may not show it yet: look until none is left.
        while unanswered.value > 0 {
            for connection in connections.all { connection.exchange?.answer(with: .refused) }
            _ = unanswered.waitForZero(until: .now + .milliseconds(20))
        }
        endStreams()
        // The answers just given still have to leave.
        if !isQuiet { _ = inFlight.waitForZero(until: .now + Self.farewell) }
    }

    /// Ends the bodies that are being written. A stream that has ended never suspends its connection again.
    private func endStreams() {
        for connection in connections.all { connection.endStream(within: Self.farewell) }
    }
}
