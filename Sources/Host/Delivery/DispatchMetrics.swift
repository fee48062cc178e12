import Domain
import Telemetry

/// What the dispatcher counts.
struct DispatchMetrics {
    let parked = Metrics.shared.counter(
        "hooksentry_events_parked_total",
        help: "Events handed back to the store unattempted: saturated, paused or open.")
    let breakersOpened = Metrics.shared.counter(
        "hooksentry_breaker_opened_total", help: "Times a destination's circuit breaker opened.")
    private let inFlight = Metrics.shared.gauge("hooksentry_attempts_in_flight", help: "Attempts under way.")
    private let held = Metrics.shared.gauge("hooksentry_dispatcher_events", help: "Events in this worker's hands.")
    private let bytes = Metrics.shared.gauge(
        "hooksentry_dispatcher_bytes", help: "Bytes of events in this worker's hands: payloads, and 1 KiB for each.")
    private let shards = Metrics.shared.gauge("hooksentry_shards_owned", help: "Shards whose lease this worker holds.")
    private let seconds = Metrics.shared.histogram(
        "hooksentry_attempt_seconds", help: "Duration of attempts, plugins included.")
    private let attempts = Dictionary(
        uniqueKeysWithValues: OutcomeClass.allCases.map { outcome in
            (
                outcome,
                Metrics.shared.counter(
                    "hooksentry_attempts_total", help: "Finished attempts.", labels: ["outcome": outcome.rawValue])
            )
        })
    private let breakers = Dictionary(
        uniqueKeysWithValues: CircuitBreaker.State.allCases.map { state in
            (
                state,
                Metrics.shared.gauge(
                    "hooksentry_breakers", help: "Destinations in memory, by breaker state.",
                    labels: ["state": state.name.lowercased()])
            )
        })

    func finished(_ record: AttemptRecord) {
        attempts[record.outcome]?.add()
        seconds.observe(record.duration)
    }

    func update(_ queues: [DestinationID: DestinationQueue], inFlight count: Int, heldBytes: Int, owned: Int) {
        inFlight.set(count)
        bytes.set(heldBytes)
        shards.set(owned)
        held.set(queues.values.reduce(0) { $0 + $1.held.count })
        var states: [CircuitBreaker.State: Int] = [:]
        for queue in queues.values { states[queue.breaker.state, default: 0] += 1 }
        for (state, gauge) in breakers { gauge.set(states[state] ?? 0) }
    }
}
