import Domain

/// How many events a replay may take up next, so that over time it keeps to its rate. A value; times come from outside.
struct ReplayPace {
    /// What a pause of the worker may add up to: this many seconds' worth, so that it is not made up for in a burst.
    static let creditMax = 0.5

    private var credit = 0.0
    private var asked: ContinuousClock.Instant

    init(at now: ContinuousClock.Instant) { asked = now }

    /// rate: events a second, at least one.
    mutating func permits(at now: ContinuousClock.Instant, rate: Int) -> Int {
        credit += Double(rate) * (now - asked).inSeconds
        // One event is always reached, however low the rate.
        credit = min(credit, max(1, Double(rate) * Self.creditMax))
        asked = now
        return Int(credit)
    }

    mutating func took(_ events: Int) { credit -= Double(events) }
}
