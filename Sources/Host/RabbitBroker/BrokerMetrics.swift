import Telemetry

/// What publisher and consumer count.
struct BrokerMetrics: Sendable {
    let publisherConnected: Gauge
    let consumerConnected: Gauge
    let published: Counter
    let messageEvents: Histogram
    let confirmed: Counter
    let nacked: Counter
    let dropped: Counter
    let unconfirmed: Gauge
    let consumed: Counter
    let acknowledged: Counter
    let quarantined: Counter

    init(_ metrics: Metrics) {
        let connected = "hooksentry_broker_connected"
        let connectedHelp = "1 while connected to the broker and not blocked by it."
        publisherConnected = metrics.gauge(connected, help: connectedHelp, labels: ["role": "publisher"])
        consumerConnected = metrics.gauge(connected, help: connectedHelp, labels: ["role": "consumer"])
        published = metrics.counter("hooksentry_broker_published_total", help: "Events written to the broker.")
        messageEvents = metrics.histogram(
            "hooksentry_broker_message_events", help: "Events in one message.", buckets: [1, 2, 4, 8, 16, 32, 64])
        confirmed = metrics.counter("hooksentry_broker_confirmed_total", help: "Events the broker took over.")
        nacked = metrics.counter(
            "hooksentry_broker_nacked_total", help: "Events the broker refused, or had no queue for.")
        dropped = metrics.counter(
            "hooksentry_broker_dropped_total",
            help: "Events not published or not confirmed, left for the store to hand over.")
        unconfirmed = metrics.gauge("hooksentry_broker_unconfirmed", help: "Events written and not confirmed yet.")
        consumed = metrics.counter("hooksentry_broker_consumed_total", help: "Events handed to this worker.")
        acknowledged = metrics.counter("hooksentry_broker_acknowledged_total", help: "Events acknowledged.")
        quarantined = metrics.counter(
            "hooksentry_broker_quarantined_total", help: "Unreadable messages moved to the quarantine.")
    }
}
