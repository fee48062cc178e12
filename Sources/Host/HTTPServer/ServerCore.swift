import Synchronization
import Telemetry

/// What the server's callbacks share. Everything in it may be used from any thread.
final class ServerCore: Sendable {
    let configuration: HTTPServer.Configuration
    let routes: [Route]
    let router: Router
    let pool: BlockingPool
    let requestIDs = RequestIDs()
    let connections = ConnectionTable()
    /// Requests whose headers are in and whose answer is not sent.
    let inFlight = Countdown()
    /// Requests whose handler has not answered; the server must not stop while one of them may resume its connection.
    let unanswered = Countdown()
    let openConnections: Gauge
    private let routeMetrics: [RouteMetrics]
    private let unmatchedMetrics: RouteMetrics
    private let stage = Atomic<Stage>(.serving)

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
        let isQuiet = inFlight.waitForZero(until: .now + grace)
        stage.store(.refusing, ordering: .sequentiallyConsistent)
        if isQuiet, unanswered.value == 0 { return }
        Log("http").warning("the grace is over, requests in flight get 503", ["requests": "\(unanswered.value)"])
        repeat {
            for connection in connections.all {
                connection.exchange?.answer(with: HTTPResponse(status: 503, headers: [("Retry-After", "1")]))
            }
            // A request may just have slipped past the stage and into its handler: look again until none is left.
        } while !unanswered.waitForZero(until: .now + .milliseconds(20))
    }
}
