/// First in, first out, in constant time at both ends.
struct FIFO<Element> {
    /// Places that an empty queue keeps: a short one finds its memory again, one that was long once lets go of it.
    static var placesKept: Int { 8 }

    private var storage: [Element?] = []
    private var head = 0

    var count: Int { storage.count - head }
    var isEmpty: Bool { head == storage.count }
    var first: Element? { isEmpty ? nil : storage[head] }

    /// Elements that there is memory for.
    var places: Int { storage.capacity }

    mutating func append(_ element: Element) { storage.append(element) }

    /// Puts an element back in front of the others.
    mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            storage[head] = element
        } else {
            storage.insert(element, at: 0)
        }
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head]
        storage[head] = nil
        head += 1
        if isEmpty {
            clear()
        } else if head > 32 && head * 2 > storage.count {
            // Half of the array is history: give it back.
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    private mutating func clear() {
        storage.removeAll(keepingCapacity: places <= Self.placesKept)
        head = 0
    }

    mutating func removeAll() -> [Element] {
        let all = storage[head...].compactMap { $0 }
        storage = []
        head = 0
        return all
    }
}
