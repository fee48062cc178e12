import Synchronization
import Telemetry

/// What is counted for one isolated library. While a reload replaces it, the old version and the new one count under
/// the same name: each adds and takes away its own.
final class IsolationMeters: Sendable {
    private let library: String
    private let metrics: Metrics
    private let running: Gauge
    private let quarantined: Gauge
    private let wasRunning = Atomic<Bool>(false)
    private let wasQuarantined = Atomic<Bool>(false)

    init(library: String, metrics: Metrics) {
        self.library = library
        self.metrics = metrics
        running = metrics.gauge(
            "hooksentry_plugin_process_running", help: "Processes of an isolated library that take calls.",
            labels: ["library": library])
        quarantined = metrics.gauge(
            "hooksentry_plugin_quarantined", help: "Versions of an isolated library in quarantine.",
            labels: ["library": library])
    }

    func isRunning(_ now: Bool) { Self.change(wasRunning, to: now, running) }
    func isQuarantined(_ now: Bool) { Self.change(wasQuarantined, to: now, quarantined) }

    private static func change(_ flag: borrowing Atomic<Bool>, to now: Bool, _ gauge: Gauge) {
        guard flag.exchange(now, ordering: .relaxed) != now else { return }
        gauge.add(now ? 1 : -1)
    }

    func ended(_ end: ProcessEnd) {
        metrics.counter(
            "hooksentry_plugin_process_ends_total", help: "Ends of isolated libraries' processes by reason.",
            labels: ["library": library, "reason": end.label]
        ).add()
    }
}
