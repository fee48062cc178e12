import Telemetry

/// What is counted for one route; made once, so that counting costs no look-up.
struct RouteMetrics: Sendable {
    private let byClass: [Counter]
    private let seconds: Histogram

    /// pattern: `unmatched` for requests that no route took.
    init(_ metrics: Metrics, route pattern: String) {
        byClass = (1...5).map {
            metrics.counter(
                "hooksentry_http_requests_total", help: "Requests answered, by route and class of status.",
                labels: ["route": pattern, "status": "\($0)xx"])
        }
        seconds = metrics.histogram(
            "hooksentry_http_request_seconds", help: "From a request's headers to its answer, by route.",
            labels: ["route": pattern])
    }

    func count(status: Int, since started: ContinuousClock.Instant) {
        byClass[min(max(status / 100, 1), 5) - 1].add()
        seconds.observe(.now - started)
    }
}
