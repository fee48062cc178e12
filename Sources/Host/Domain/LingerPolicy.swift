/// How long a batch waits for company before it goes. Waiting costs latency and saves work for each batch, so it
/// depends on how much company there would be: none when idle, and none when enough already waits.
package struct LingerPolicy: Sendable, Equatable {
    /// Never waited longer than this; zero: not at all.
    package var longest: Duration
    /// A batch of this many goes at once.
    package var enough: Int
    /// Arrivals to be expected within the longest wait, below which waiting is not worth it.
    package var companyMin: Double

    package init(longest: Duration, enough: Int, companyMin: Double = 1) {
        self.longest = longest
        self.enough = enough
        self.companyMin = companyMin
    }

    /// The next batch goes when the last one is done.
    package static let none = LingerPolicy(longest: .zero, enough: 1)

    /// rate: events per second lately. waiting: events at hand.
    package func linger(waiting: Int, rate: Double) -> Duration {
        guard longest > .zero, enough > waiting else { return .zero }
        guard rate * longest.inSeconds >= companyMin else { return .zero }
        return min(longest, .seconds(Double(enough - waiting) / rate))
    }
}

/// Events per second, averaged over about the last tenth of a second.
package struct ArrivalRate: Sendable {
    private static let memory = 0.1
    package private(set) var perSecond = 0.0

    package init() {}

    /// elapsed: since the last call.
    package mutating func arrived(_ events: Int, in elapsed: Duration) {
        let seconds = max(elapsed.inSeconds, 1e-6)
        let weight = seconds / (seconds + Self.memory)
        perSecond += (Double(events) / seconds - perSecond) * weight
    }
}
