/// Keys that take turns, each in proportion to what its work costs: deficit round robin (Shreedhar and Varghese, 1995)
/// in the form that pays afterwards, so that a cost need not be known before the work is chosen.
///
/// A key at the front may spend its credit, which it gets anew each round; whoever has overspent waits a round for each
/// quantum that is missing.
struct DeficitRing<Key: Hashable> {
    let quantum: Int
    private var turns = FIFO<Key>()
    /// Of every member; at most the quantum.
    private var credit: [Key: Int] = [:]

    /// quantum: what a key may spend in a round, in the unit of the costs.
    init(quantum: Int) { self.quantum = quantum }

    var isEmpty: Bool { turns.isEmpty }

    func contains(_ key: Key) -> Bool { credit[key] != nil }

    /// At the end of the line, with a full purse; nothing changes for a member.
    mutating func add(_ key: Key) {
        guard credit[key] == nil else { return }
        credit[key] = quantum
        turns.append(key)
    }

    /// At the front of the line, with a full purse; nothing changes for a member.
    mutating func addFirst(_ key: Key) {
        guard credit[key] == nil else { return }
        credit[key] = quantum
        turns.prepend(key)
    }

    /// Whose turn it is; nil if there is nobody. Debts are paid off a round at a time.
    mutating func front() -> Key? {
        while let key = turns.first {
            guard let left = credit[key], left <= 0 else { return key }
            rotate(key, credit: left + quantum)
        }
        return nil
    }

    /// Charges the key at the front; its turn ends when its credit is spent. cost: above zero.
    mutating func charge(_ cost: Int) {
        guard let key = turns.first, let left = credit[key] else { return }
        if left > cost {
            credit[key] = left - cost
        } else {
            rotate(key, credit: left - cost + quantum)
        }
    }

    /// Takes the key at the front out; it has nothing to do at the moment.
    mutating func removeFront() {
        if let key = turns.popFirst() { credit[key] = nil }
    }

    private mutating func rotate(_ key: Key, credit left: Int) {
        _ = turns.popFirst()
        credit[key] = left
        turns.append(key)
    }
}
