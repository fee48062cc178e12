/// How many log lines a component may still write: a number a minute, counted in fixed windows. A value without
/// clock; the owner passes the time in.
struct LineBudget: Sendable, Equatable {
    static let linesPerMinute = 100
    private static let window: Int64 = 60_000_000_000

    private var windowStart: Int64?
    private var used = 0

    enum Answer: Sendable, Equatable {
        case write
        /// The first line over the budget in this window: say once that lines are dropped.
        case announceDrop
        case drop
    }

    /// now: nanoseconds of a clock that never jumps.
    mutating func take(at now: Int64) -> Answer {
        if windowStart.map({ now - $0 >= Self.window }) ?? true {
            windowStart = now
            used = 0
        }
        used += 1
        if used <= Self.linesPerMinute { return .write }
        return used == Self.linesPerMinute + 1 ? .announceDrop : .drop
    }
}
