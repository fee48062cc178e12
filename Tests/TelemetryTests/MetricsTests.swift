import Dispatch
import Testing

@testable import Telemetry

@Suite struct MetricsTests {
    private let metrics = Metrics()

    @Test func `whoever asks again within a second gets the same text`() {
        let counter = metrics.counter("hooksentry_b_total", help: "Things.")
        let collected = metrics.counter("hooksentry_c_total", help: "Collected.")
        metrics.beforeExposition { collected.add() }
        let start = ContinuousClock.now
        let first = metrics.recentExposition(at: start)
        counter.add()
        #expect(metrics.recentExposition(at: start + Metrics.recentAge - .nanoseconds(1)) == first)
        #expect(collected.value == 1)
        #expect(metrics.recentExposition(at: start + Metrics.recentAge).contains("hooksentry_b_total 1"))
    }

    @Test func `the exposition is Prometheus' text format`() {
        metrics.counter("hooksentry_b_total", help: "Things.", labels: ["kind": "x"]).add(3)
        metrics.counter("hooksentry_b_total", help: "Things.", labels: ["kind": "a", "way": "in"]).add()
        metrics.gauge("hooksentry_a", help: "Level.").set(-2)
        let histogram = metrics.histogram(
            "hooksentry_c_seconds", help: "Times.", labels: ["k": "v"], buckets: [0.5, 1])
        histogram.observe(0.5)
        histogram.observe(.milliseconds(750))
        histogram.observe(3)
        #expect(
            metrics.exposition() == """
                # HELP hooksentry_a Level.
                # TYPE hooksentry_a gauge
                hooksentry_a -2
                # HELP hooksentry_b_total Things.
                # TYPE hooksentry_b_total counter
                hooksentry_b_total{kind="a",way="in"} 1
                hooksentry_b_total{kind="x"} 3
                # HELP hooksentry_c_seconds Times.
                # TYPE hooksentry_c_seconds histogram
                hooksentry_c_seconds_bucket{k="v",le="0.5"} 1
                hooksentry_c_seconds_bucket{k="v",le="1.0"} 2
                hooksentry_c_seconds_bucket{k="v",le="+Inf"} 3
                hooksentry_c_seconds_sum{k="v"} 4.25
                hooksentry_c_seconds_count{k="v"} 3

                """)
    }

    @Test func `the same name and labels are the same metric`() {
        let one = metrics.counter("hooksentry_x_total", help: "X.", labels: ["a": "1"])
        one.add()
        #expect(metrics.counter("hooksentry_x_total", help: "X.", labels: ["a": "1"]) === one)
        #expect(metrics.counter("hooksentry_x_total", help: "X.", labels: ["a": "2"]).value == 0)
    }

    @Test func `label values are escaped`() {
        metrics.counter("hooksentry_x_total", help: "X.", labels: ["a": "q\"b\\s\nn"]).add()
        #expect(metrics.exposition().contains(#"hooksentry_x_total{a="q\"b\\s\nn"} 1"#))
    }

    @Test func `a counter never goes down`() {
        let counter = metrics.counter("hooksentry_x_total", help: "X.")
        counter.add(5)
        counter.add(-3)
        #expect(counter.value == 5)
    }

    @Test func `collectors run before each exposition`() {
        let gauge = metrics.gauge("hooksentry_x", help: "X.")
        metrics.beforeExposition { gauge.add(1) }
        #expect(metrics.exposition().contains("hooksentry_x 1\n"))
        #expect(metrics.exposition().contains("hooksentry_x 2\n"))
    }

    @Test func `nothing is lost when several threads count`() {
        let counter = metrics.counter("hooksentry_x_total", help: "X.")
        let gauge = metrics.gauge("hooksentry_y", help: "Y.")
        let histogram = metrics.histogram("hooksentry_z_seconds", help: "Z.")
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<5_000 {
                counter.add(2)
                gauge.add(1)
                gauge.add(-1)
                histogram.observe(0.003)
            }
        }
        #expect(counter.value == 40_000)
        #expect(gauge.value == 0)
        #expect(metrics.exposition().contains("hooksentry_z_seconds_count 20000\n"))
    }
}
