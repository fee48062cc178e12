/// Which published messages the broker has yet to confirm, as a bounded window of delivery tags.
/// Pure; the publisher keeps one for each connection, because tags start at 1 on each.
struct ConfirmWindow {
    let capacity: Int
    private(set) var count = 0
    /// The tag of the next message published.
    private(set) var next: UInt64 = 1
    // No tag below this one is unconfirmed.
    private var lowest: UInt64 = 1
    // By tag modulo capacity.
    private var unconfirmed: [Bool]

    init(capacity: Int) {
        self.capacity = capacity
        unconfirmed = [Bool](repeating: false, count: capacity)
    }

    /// How many more may be published. The span from the lowest unconfirmed tag counts, so that one straggler
    /// bounds the rest.
    var room: Int { capacity - Int(next - lowest) }

    mutating func published() {
        precondition(room > 0, "published beyond the window of \(capacity) unconfirmed messages")
        unconfirmed[slot(next)] = true
        next += 1
        count += 1
    }

    /// multiple: the answer is for all tags up to this one. Returns how many it settled; tags that were never
    /// given out or are settled already settle nothing.
    mutating func settled(_ tag: UInt64, multiple: Bool) -> Int {
        guard tag >= lowest, tag < next else { return 0 }
        var newly = 0
        for tag in (multiple ? lowest : tag)...tag where unconfirmed[slot(tag)] {
            unconfirmed[slot(tag)] = false
            newly += 1
        }
        while lowest < next && !unconfirmed[slot(lowest)] { lowest += 1 }
        count -= newly
        return newly
    }

    private func slot(_ tag: UInt64) -> Int { Int(tag % UInt64(capacity)) }
}
