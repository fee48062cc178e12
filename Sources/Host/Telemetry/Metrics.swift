import Synchronization

/// The process's metrics. Each is made once, kept by whoever counts, and costs one atomic add to use.
///
/// Names follow Prometheus: `hooksentry_` first, the unit last (`_seconds`, `_bytes`), `_total` on counters.
package final class Metrics: Sendable {
    package static let shared = Metrics()

    private struct Family {
        var kind: String
        var help: String
        var series: [String: any MetricSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    private let collectors = Mutex<[@Sendable () -> Void]>([])
    private let recent = Mutex<(text: String, at: ContinuousClock.Instant)?>(nil)
    /// How old an exposition may be that anybody can ask for.
    package static let recentAge = Duration.seconds(1)

    package init() {}

    /// The counter with this name and these labels; the same one each time.
    package func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
        series(name, "counter", help, labels) { Counter() }
    }

    package func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
        series(name, "gauge", help, labels) { Gauge() }
    }

    /// buckets: upper bounds in the metric's unit, ascending.
    package func histogram(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        buckets: [Double] = Histogram.latencyBuckets
    ) -> Histogram {
        series(name, "histogram", help, labels) { Histogram(buckets: buckets) }
    }

    /// Called before each exposition, to bring gauges up to date that are read and not counted.
    package func beforeExposition(_ collect: @escaping @Sendable () -> Void) {
        collectors.withLock { $0.append(collect) }
    }

    /// The Prometheus text format, version 0.0.4.
    package func exposition() -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        var text = ""
        let families = families.withLock { $0 }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, into: &text)
            }
        }
        return text
    }

    /// The exposition, at most `recentAge` old: to make one costs more than to ask for it.
    package func recentExposition(at now: ContinuousClock.Instant = .now) -> String {
        // Whoever else asks at the same time waits for the same text.
        recent.withLock { recent in
            if let recent, now < recent.at + Self.recentAge { return recent.text }
            let text = exposition()
            recent = (text, now)
            return text
        }
    }

    private func series<Series: MetricSeries>(
        _ name: String, _ kind: String, _ help: String, _ labels: KeyValuePairs<String, String>, _ make: () -> Series
    ) -> Series {
        let key = labels.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",")
        return families.withLock { families in
            var family = families[name] ?? Family(kind: kind, help: help)
            precondition(family.kind == kind, "metric \(name) is a \(family.kind), not a \(kind)")
            if let known = family.series[key] as? Series { return known }
            let series = make()
            family.series[key] = series
            families[name] = family
            return series
        }
    }

    private func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

private protocol MetricSeries: Sendable {
    func write(name: String, labels: String, into text: inout String)
}

private func braced(_ labels: String, _ more: String = "") -> String {
    let all = [labels, more].filter { !$0.isEmpty }.joined(separator: ",")
    return all.isEmpty ? "" : "{\(all)}"
}

/// Only grows.
package final class Counter: MetricSeries {
    private let count = Atomic<UInt64>(0)
    package func add(_ amount: Int = 1) { count.wrappingAdd(UInt64(clamping: amount), ordering: .relaxed) }
    package var value: UInt64 { count.load(ordering: .relaxed) }

    fileprivate func write(name: String, labels: String, into text: inout String) {
        text += "\(name)\(braced(labels)) \(value)\n"
    }
}

/// Goes up and down.
package final class Gauge: MetricSeries {
    private let current = Atomic<Int64>(0)
    package func set(_ value: Int) { current.store(Int64(value), ordering: .relaxed) }
    package func add(_ amount: Int) { current.wrappingAdd(Int64(amount), ordering: .relaxed) }
    package var value: Int { Int(current.load(ordering: .relaxed)) }

    fileprivate func write(name: String, labels: String, into text: inout String) {
        text += "\(name)\(braced(labels)) \(value)\n"
    }
}

/// Counts observations by bucket, so that percentiles can be computed by whoever scrapes.
package final class Histogram: MetricSeries {
    /// Seconds, from 100 µs to 1 min.
    package static let latencyBuckets = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]

    private struct Contents {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let buckets: [Double]
    private let contents: Mutex<Contents>

    fileprivate init(buckets: [Double]) {
        self.buckets = buckets
        contents = Mutex(Contents(counts: [UInt64](repeating: 0, count: buckets.count + 1)))
    }

    package func observe(_ value: Double) {
        let bucket = buckets.firstIndex { value <= $0 } ?? buckets.count
        contents.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// In seconds.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) / 1e18)
    }

    fileprivate func write(name: String, labels: String, into text: inout String) {
        let contents = contents.withLock { $0 }
        var total: UInt64 = 0
        for (bound, count) in zip(buckets, contents.counts) {
            total += count
            text += "\(name)_bucket\(braced(labels, "le=\"\(bound)\"")) \(total)\n"
        }
        total += contents.counts[buckets.count]
        text += "\(name)_bucket\(braced(labels, "le=\"+Inf\"")) \(total)\n"
        text += "\(name)_sum\(braced(labels)) \(contents.sum)\n\(name)_count\(braced(labels)) \(total)\n"
    }
}
