/// Spreads delays, so that many events that failed together do not come back together.
///
/// A share of the delay is left to chance, the rest is kept: with share s, a delay d becomes uniform over
/// d - s*d ... d, its mean is d * (1 - s/2). 0 keeps the delay as it is, 1 gives anything from 0 to d. Chance only ever
/// shortens, so a cap on the delay is a cap on the result, too, and nobody has to reason about two upper bounds.
public struct Jitter: Sendable, Equatable {
    /// From 0 to 1.
    public let share: Double

    /// A share outside of 0...1 counts as the nearer end; not a number counts as 0.
    public init(share: Double) {
        self.share = share > 0 ? min(share, 1) : 0
    }

    /// delay: milliseconds; outside of the bounds of a delay the nearer one counts. random: uniform over all 64 bits.
    public func apply(to delay: Int64, random: UInt64) -> Int64 {
        let delay = min(max(delay, 0), Milliseconds.longestDelay)
        let randomPart = min(delay, Int64((Double(delay) * share).rounded()))
        // The upper half of the product is uniform over 0...randomPart, without a division or a rounding of its own.
        let taken = (UInt64(randomPart) + 1).multipliedFullWidth(by: random).high
        return delay - Int64(taken)
    }
}
