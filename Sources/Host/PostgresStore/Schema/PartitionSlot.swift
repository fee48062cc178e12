import Domain

/// One partition's span of time: events whose ids were made from `start` up to, but not including, `end`.
struct PartitionSlot: Equatable {
    let start: Timestamp
    let end: Timestamp

    /// The slots that cover a span, aligned so that every node computes the same ones. width: whole seconds.
    static func covering(from: Timestamp, to: Timestamp, width: Duration) -> [PartitionSlot] {
        let seconds = max(1, width.components.seconds)
        var slots: [PartitionSlot] = []
        var start = floorDivide(from.seconds, seconds) * seconds
        while start <= to.seconds {
            slots.append(
                PartitionSlot(start: Timestamp(seconds: start), end: Timestamp(seconds: start + seconds)))
            start += seconds
        }
        return slots
    }

    /// `20260801t000000`, in UTC: what the names of its tables end in.
    var suffix: String {
        start.description.prefix(19).filter { $0 != "-" && $0 != ":" }.lowercased()
    }

    var lowerBound: EventID { .lowerBound(at: start) }
    var upperBound: EventID { .lowerBound(at: end) }

    private static func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
        value >= 0 ? value / by : (value - by + 1) / by
    }
}
