import Telemetry

/// What is counted on the accept path.
final class IngestMetrics: Sendable {
    enum Result: String, CaseIterable, Sendable {
        case accepted, duplicate, unauthorized, forbidden, invalid, unavailable, overloaded, failed
        case unknownToken = "unknown_token"
        case inactiveDestination = "inactive_destination"
        case unsupportedMediaType = "unsupported_media_type"
    }

    private let requests: [Result: Counter]
    private let accepted: Counter
    private let seconds: Histogram
    let batchEvents: Histogram
    let queueEvents: Gauge

    init(_ metrics: Metrics) {
        requests = Dictionary(
            uniqueKeysWithValues: Result.allCases.map {
                let counter = metrics.counter(
                    "hooksentry_ingest_requests_total", help: "Ingest requests answered, by what became of them.",
                    labels: ["result": $0.rawValue])
                return ($0, counter)
            })
        accepted = metrics.counter("hooksentry_ingest_accepted_total", help: "Events committed and answered 202.")
        seconds = metrics.histogram(
            "hooksentry_ingest_seconds", help: "From a complete ingest request to its answer.")
        batchEvents = metrics.histogram(
            "hooksentry_accept_batch_events", help: "Events in one commit.",
            buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024])
        queueEvents = metrics.gauge("hooksentry_accept_queue_events", help: "Events waiting for their commit.")
    }

    func count(_ result: Result, since started: ContinuousClock.Instant) {
        requests[result]?.add()
        if result == .accepted { accepted.add() }
        seconds.observe(.now - started)
    }
}
