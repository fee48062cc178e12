/// Takes an instance out of service that overruns again and again.
///
///     in service ── 3 overruns in a row ──► out for 30 s ── then one call ──┬─ in time ──► in service
///                                                 ▲                         └─ overrun ──┐
///                                                 └──────────────────────────────────────┘
///
/// A value without clock: times are nanoseconds of a clock that never jumps, passed in.
struct OverrunGate: Sendable, Equatable {
    static let overrunsInRowMax = 3
    static let restNanoseconds: Int64 = 30_000_000_000

    private var overrunsInRow = 0
    private var restsUntil: Int64?

    enum Permission: Sendable, Equatable {
        case pass
        case refuse(nanosecondsLeft: Int64)
    }

    func ask(at now: Int64) -> Permission {
        guard let restsUntil, restsUntil > now else { return .pass }
        return .refuse(nanosecondsLeft: restsUntil - now)
    }

    /// True if this call put the instance out of service.
    mutating func finished(overran: Bool, at now: Int64) -> Bool {
        guard overran else {
            overrunsInRow = 0
            restsUntil = nil
            return false
        }
        overrunsInRow += 1
        guard overrunsInRow >= Self.overrunsInRowMax else { return false }
        restsUntil = now + Self.restNanoseconds
        return true
    }
}
