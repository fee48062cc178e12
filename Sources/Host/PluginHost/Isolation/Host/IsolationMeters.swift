import Telemetry

/// What is counted for one isolated library.
struct IsolationMeters: Sendable {
    private let library: String
    private let metrics: Metrics
    private let running: Gauge
    private let quarantined: Gauge

    init(library: String, metrics: Metrics) {
        self.library = library
        self.metrics = metrics
        running = metrics.gauge(
            "hooksentry_plugin_process_running", help: "Whether an isolated library's process takes calls.",
            labels: ["library": library])
        quarantined = metrics.gauge(
            "hooksentry_plugin_quarantined", help: "Whether an isolated library is in quarantine.",
            labels: ["library": library])
    }

    func isRunning(_ isRunning: Bool) { running.set(isRunning ? 1 : 0) }
    func isQuarantined(_ isQuarantined: Bool) { quarantined.set(isQuarantined ? 1 : 0) }

    func ended(_ end: ProcessEnd) {
        metrics.counter(
            "hooksentry_plugin_process_ends_total", help: "Ends of isolated libraries' processes by reason.",
            labels: ["library": library, "reason": end.label]
        ).add()
    }
}
