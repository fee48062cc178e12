/// Which deliveries of one channel are acknowledged, so that many acknowledgements become few. A message of several
/// events is acknowledged when each of them is.
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

    /// An event's place on the channel.
    struct Part: Equatable {
        var tag: UInt64
        /// Which of the message's events, from 0.
        var index: UInt8 = 0
    }

    /// All up to this tag are acknowledged.
    private(set) var low: UInt64 = 0
    /// Highest tag delivered.
    private(set) var delivered: UInt64 = 0
    /// Delivered and not acknowledged.
    private(set) var outstanding = 0
    // For each tag above `low`, from `first` on: a bit for each of its events that is not acknowledged.
    private var open: [UInt64] = []
    private var first = 0

    /// False if the tag does not follow the last one, which no broker may do.
    mutating func received(_ tag: UInt64) -> Bool {
        guard tag == delivered + 1 else { return false }
        delivered = tag
        outstanding += 1
        open.append(1)
        return true
    }

    /// The message of this tag, which has been received, holds so many events; until then it counts as one.
    mutating func holds(_ events: Int, in tag: UInt64) {
        guard tag > low, tag <= delivered, (1...64).contains(events) else { return }
        open[place(of: tag)] = .max >> UInt64(64 - events)
    }

    /// What to send for these events, in order. Unknown and repeated ones are left out. settled: how many are new.
    mutating func acknowledge(_ parts: some Sequence<Part>) -> (commands: [Command], settled: Int) {
        var fresh: [UInt64] = []
        var settled = 0
        for part in parts where part.tag > low && part.tag <= delivered && part.index < 64 {
            let bit = UInt64(1) << UInt64(part.index)
            guard open[place(of: part.tag)] & bit != 0 else { continue }
            open[place(of: part.tag)] &= ~bit
            settled += 1
            if open[place(of: part.tag)] == 0 { fresh.append(part.tag) }
        }
        outstanding -= fresh.count
        advance()
        var commands: [Command] = []
        let low = low
        if let highest = fresh.lazy.filter({ $0 <= low }).max() {
            commands.append(Command(tag: highest, multiple: true))
        }
        for tag in fresh where tag > low { commands.append(Command(tag: tag, multiple: false)) }
        return (commands, settled)
    }

    private func place(of tag: UInt64) -> Int { first + Int(tag - low - 1) }

    private mutating func advance() {
        while first < open.count && open[first] == 0 {
            first += 1
            low += 1
        }
        // The acknowledged front is cut off once it is the larger half, so that each mark moves at most once.
        if first > 1_024 && first > open.count / 2 {
            open.removeSubrange(..<first)
            first = 0
        }
    }
}
