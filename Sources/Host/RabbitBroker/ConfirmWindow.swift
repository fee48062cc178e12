/// Which published messages the broker has yet to confirm, as a bounded window of delivery tags.
/// Pure; the publisher keeps one for each connection, because tags start at 1 on each.
struct ConfirmWindow {
    let capacity: Int
    /// Events in the messages that are not confirmed.
    private(set) var events = 0
    /// The tag of the next message published.
    private(set) var next: UInt64 = 1
    // No tag below this one is unconfirmed.
    private var lowest: UInt64 = 1
    // By tag modulo capacity: the events in the message, or 0 once it is confirmed.
    private var unconfirmed: [Int32]

    init(capacity: Int) {
        self.capacity = capacity
        unconfirmed = [Int32](repeating: 0, count: capacity)
    }

    /// How many more may be published. The span from the lowest unconfirmed tag counts, so that one straggler
    /// bounds the rest.
    var room: Int { capacity - Int(next - lowest) }

    var isEmpty: Bool { lowest == next }

    /// events: in the message, at least 1.
    mutating func published(_ events: Int = 1) {
        precondition(room > 0, "published beyond the window of \(capacity) unconfirmed messages")
        unconfirmed[slot(next)] = Int32(max(1, events))
        next += 1
        self.events += max(1, events)
    }

    /// multiple: the answer is for all tags up to this one. Returns how many events it settled; tags that were never
    /// given out or are settled already settle nothing.
    mutating func settled(_ tag: UInt64, multiple: Bool) -> Int {
        guard tag >= lowest, tag < next else { return 0 }
        var newly = 0
        for tag in (multiple ? lowest : tag)...tag where unconfirmed[slot(tag)] > 0 {
            newly += Int(unconfirmed[slot(tag)])
            unconfirmed[slot(tag)] = 0
        }
        while lowest < next && unconfirmed[slot(lowest)] == 0 { lowest += 1 }
        events -= newly
        return newly
    }

    private func slot(_ tag: UInt64) -> Int { Int(tag % UInt64(capacity)) }
}
