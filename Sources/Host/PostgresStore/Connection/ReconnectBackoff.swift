/// When to try to connect again: at once after a loss, then after 50 ms, doubling up to 2 s. Pure arithmetic; time
/// comes in.
struct ReconnectBackoff {
    static let first = Duration.milliseconds(50)
    static let longest = Duration.seconds(2)

    private var delay = Self.first
    private(set) var notBefore: ContinuousClock.Instant?

    func permits(at now: ContinuousClock.Instant) -> Bool { notBefore.map { now >= $0 } ?? true }

    mutating func failed(at now: ContinuousClock.Instant) {
        notBefore = now + delay
        delay = min(delay * 2, Self.longest)
    }

    mutating func succeeded() { self = ReconnectBackoff() }
}
