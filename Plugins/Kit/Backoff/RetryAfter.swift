/// What a destination's Retry-After (RFC 9110, section 10.2.3) does to a policy's own delay: it can make it longer,
/// up to a cap, and never shorter.
public struct RetryAfter: Sendable, Equatable {
    /// Milliseconds.
    public let cap: Int64

    public init(capSeconds: Double) {
        cap = Milliseconds.delay(seconds: capSeconds)
    }

    /// asked: milliseconds, or nil if the destination did not ask.
    public func apply(to delay: Int64, asked: Int64?) -> Int64 {
        guard let asked else { return delay }
        return max(delay, min(asked, cap))
    }
}
