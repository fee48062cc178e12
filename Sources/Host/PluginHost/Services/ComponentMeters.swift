import Synchronization
import Telemetry

/// What is counted for one component, all instances together. Made once; using it costs an atomic add and, for
/// durations, a short lock.
final class ComponentMeters: Sendable {
    /// How a call ended, as the label `result`.
    enum Result: String, CaseIterable, Sendable {
        case ok
        case needFetch = "need_fetch"
        case retryable, permanent, fault, overrun, crash
        case invalidSettings = "invalid_settings"
        case outOfService = "out_of_service"
    }

    private static let ownCountersMax = 20
    private static let ownCounterNameBytesMax = 60

    private let results: [Result: Counter]
    private let ok: Counter
    private let seconds: Histogram
    private let own = Mutex<[String: Counter]>([:])
    private let metrics: Metrics
    private let component: String

    init(component: String, kind: String, metrics: Metrics) {
        self.metrics = metrics
        self.component = component
        var results: [Result: Counter] = [:]
        for result in Result.allCases {
            results[result] = metrics.counter(
                "hooksentry_plugin_calls_total", help: "Calls into plugins by result.",
                labels: ["component": component, "kind": kind, "result": result.rawValue])
        }
        self.results = results
        ok = results[.ok]!
        seconds = metrics.histogram(
            "hooksentry_plugin_call_seconds", help: "Time spent in calls into plugins.",
            labels: ["component": component, "kind": kind])
    }

    func finished(_ result: Result, nanoseconds: Int64) {
        if result == .ok { ok.add() } else { results[result]?.add() }
        seconds.observe(Double(nanoseconds) / 1e9)
    }

    /// A call that was not made.
    func refused() { results[.outOfService]?.add() }

    /// A counter of the plugin's own (host.h, count); names beyond its rules are dropped.
    func count(_ name: [UInt8], _ amount: UInt64) {
        guard !name.isEmpty, name.count <= Self.ownCounterNameBytesMax, name.allSatisfy(Self.mayBeInName)
        else { return }
        let name = String(decoding: name, as: UTF8.self)
        let counter: Counter? = own.withLock { own in
            if let known = own[name] { return known }
            guard own.count < Self.ownCountersMax else { return nil }
            let counter = metrics.counter(
                "hooksentry_plugin_counter_total", help: "Counters that plugins keep themselves.",
                labels: ["component": component, "name": name])
            own[name] = counter
            return counter
        }
        counter?.add(Int(clamping: amount))
    }

    private static func mayBeInName(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
    }
}
