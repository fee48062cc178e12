/// When a library's process may start again after it has ended.
///
///     running ── ends ──► rest 250 ms, 500 ms, 1 s, … ── fifth in a row ──► quarantine 60 s, 120 s, … ──► one more try
///
/// Ends are in a row while fewer than five calls are answered between them: a plugin that fails at every tenth call
/// goes on with a rest after each, one that fails whatever it is asked does not. A value without clock; times are
/// nanoseconds of a clock that never jumps.
struct RestartPace: Equatable {
    struct Rules: Equatable {
        var rest: Int64 = 250_000_000
        var endsMax = 5
        var quarantine: Int64 = 60_000_000_000
    }

    enum Pause: Equatable {
        case rest(until: Int64)
        case quarantine(until: Int64)

        var until: Int64 {
            switch self {
            case .rest(let until), .quarantine(let until): until
            }
        }
    }

    /// Calls answered since the start that make an end the first of a row again.
    static let answersThatClear = 5
    /// Doublings of the quarantine.
    private static let doublingsMax = 4

    let rules: Rules
    private(set) var endsInRow = 0
    private var answers = 0

    init(_ rules: Rules = Rules()) { self.rules = rules }

    /// It has been in quarantine, and has not answered enough calls since.
    var isIll: Bool { endsInRow >= rules.endsMax }

    mutating func started() { answers = 0 }

    /// A call came back, with whatever result. True if that is what makes the library well again.
    mutating func answered() -> Bool {
        answers += 1
        guard answers == Self.answersThatClear, endsInRow > 0 else { return false }
        let wasIll = isIll
        endsInRow = 0
        return wasIll
    }

    mutating func ended(at now: Int64) -> Pause {
        endsInRow += 1
        guard endsInRow >= rules.endsMax else { return .rest(until: now + rules.rest << Int64(endsInRow - 1)) }
        let doublings = min(endsInRow - rules.endsMax, Self.doublingsMax)
        return .quarantine(until: now + rules.quarantine << Int64(doublings))
    }
}
