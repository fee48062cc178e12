/// Which deliveries of one channel are acknowledged, so that many acknowledgements become few.
///
/// Tags on a channel with one consumer count up from 1. The broker closes the channel on an acknowledgement of a tag
/// that it does not hold unacknowledged, so nothing is ever acknowledged twice, and a multiple names a tag that
/// was not acknowledged before. Pure.
struct AckLedger {
    struct Command: Equatable {
        var tag: UInt64
        /// It and all before it.
        var multiple: Bool
    }

    /// All up to this tag are acknowledged.
    private(set) var low: UInt64 = 0
    /// Highest tag delivered.
    private(set) var delivered: UInt64 = 0
    /// Delivered and not acknowledged.
    private(set) var outstanding = 0
    // For each tag above `low`, from `first` on: is it acknowledged?
    private var marks: [Bool] = []
    private var first = 0

    /// False if the tag does not follow the last one, which no broker may do.
    mutating func received(_ tag: UInt64) -> Bool {
        guard tag == delivered + 1 else { return false }
        delivered = tag
        outstanding += 1
        marks.append(false)
        return true
    }

    /// What to send for these tags, in order. Unknown and repeated ones are left out. settled: how many are new.
    mutating func acknowledge(_ tags: some Sequence<UInt64>) -> (commands: [Command], settled: Int) {
        var fresh: [UInt64] = []
        for tag in tags where tag > low && tag <= delivered {
            let index = first + Int(tag - low - 1)
            guard !marks[index] else { continue }
            marks[index] = true
            fresh.append(tag)
        }
        outstanding -= fresh.count
        advance()
        var commands: [Command] = []
        let low = low
        if let highest = fresh.lazy.filter({ $0 <= low }).max() {
            commands.append(Command(tag: highest, multiple: true))
        }
        for tag in fresh where tag > low { commands.append(Command(tag: tag, multiple: false)) }
        return (commands, fresh.count)
    }

    private mutating func advance() {
        while first < marks.count && marks[first] {
            first += 1
            low += 1
        }
        // The acknowledged front is cut off once it is the larger half, so that each mark moves at most once.
        if first > 1_024 && first > marks.count / 2 {
            marks.removeSubrange(..<first)
            first = 0
        }
    }
}
