/// A list of delays, one for each failed attempt; the last one repeats for ever.
public struct DelaySchedule: Sendable, Equatable {
    /// Milliseconds, each within the bounds of a delay.
    public let delays: [Int64]

    /// Nil for an empty list. seconds: fractions welcome.
    public init?(seconds: [Double]) {
        guard !seconds.isEmpty else { return nil }
        delays = seconds.map(Milliseconds.delay(seconds:))
    }

    /// attempt: the number of the one that failed, from 1.
    public func delay(afterAttempt attempt: Int) -> Int64 {
        delays[min(max(attempt, 1), delays.count) - 1]
    }
}
