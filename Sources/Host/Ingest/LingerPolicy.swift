/// How long a batch waits for company before it is committed. Waiting costs latency and saves commits, so it depends
/// on how much company there would be: none when idle, and none when enough already waits.
package struct LingerPolicy: Sendable, Equatable {
    /// Never waited longer than this; zero: not at all.
    package var longest: Duration
    /// A batch of this many goes at once.
    package var enough: Int

    package init(longest: Duration, enough: Int) {
        self.longest = longest
        self.enough = enough
    }

    /// The next commit starts when the last one ends.
    package static let none = LingerPolicy(longest: .zero, enough: 1)

    /// Expected arrivals within the longest wait, below which waiting is not worth it.
    private static let companyMin = 1.0

    /// rate: events per second lately. waiting: events at hand.
    func linger(waiting: Int, rate: Double) -> Duration {
        guard longest > .zero, enough > waiting else { return .zero }
        guard rate * longest.inFractions >= Self.companyMin else { return .zero }
        return min(longest, .seconds(Double(enough - waiting) / rate))
    }
}

/// Events per second, averaged over about the last tenth of a second.
struct ArrivalRate {
    private static let memory = 0.1
    private(set) var perSecond = 0.0

    /// elapsed: since the last call.
    mutating func arrived(_ events: Int, in elapsed: Duration) {
        let seconds = max(elapsed.inFractions, 1e-6)
        let weight = seconds / (seconds + Self.memory)
        perSecond += (Double(events) / seconds - perSecond) * weight
    }
}

extension Duration {
    fileprivate var inFractions: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
