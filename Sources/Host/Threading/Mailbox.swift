import Glibc

/// Where other threads leave work for one reader. Posting never blocks beyond a short lock; the reader takes
/// everything at once.
///
/// It is unbounded by itself: whoever posts keeps to a limit of its own (prefetch, queue bound, batch size).
package final class Mailbox<Message: Sendable>: @unchecked Sendable {
    // Guarded by `lock`.
    private var messages: [Message] = []
    /// What was left when somebody took a part: older than `messages`, and the oldest last, so that taking a part costs
    /// as much as the part, however much waits.
    private var older: [Message] = []
    private var closed = false
    private var waiting = false
    private let lock = ConditionLock()

    package init() {}

    /// False once the mailbox is closed; the message is then dropped.
    @discardableResult
    package func post(_ message: Message) -> Bool {
        withLock {
            guard !closed else { return false }
            messages.append(message)
            return true
        }
    }

    @discardableResult
    package func post(contentsOf batch: some Sequence<Message>) -> Bool {
        withLock {
            guard !closed else { return false }
            messages.append(contentsOf: batch)
            return true
        }
    }

    /// Wakes the reader for good: what is already posted can still be taken, nothing new comes in.
    package func close() {
        withLock { closed = true }
    }

    /// Takes everything, waiting for the first message until `deadline` (nil: as long as it takes; in the past:
    /// not at all). Empty when the time is up or the mailbox is closed and drained.
    package func takeAll(until deadline: ContinuousClock.Instant? = nil) -> [Message] {
        lock.lock()
        defer { lock.unlock() }
        waitForMessage(until: deadline)
        var taken: [Message] = []
        swap(&taken, &messages)
        if !older.isEmpty {
            taken.insert(contentsOf: older.reversed(), at: 0)
            older = []
        }
        return taken
    }

    /// At most `limit` messages, oldest first, without waiting for company.
    package func take(upTo limit: Int, until deadline: ContinuousClock.Instant? = nil) -> [Message] {
        lock.lock()
        defer { lock.unlock() }
        waitForMessage(until: deadline)
        var taken: [Message] = []
        while taken.count < limit {
            if older.isEmpty {
                if messages.count <= limit - taken.count {
                    taken += messages
                    messages.removeAll(keepingCapacity: true)
                    break
                }
                swap(&older, &messages)
                older.reverse()
            }
            let part = min(limit - taken.count, older.count)
            taken += older.suffix(part).reversed()
            older.removeLast(part)
        }
        return taken
    }

    /// With `lock` held; it is given away while this waits.
    private func waitForMessage(until deadline: ContinuousClock.Instant?) {
        while messages.isEmpty && older.isEmpty && !closed {
            waiting = true
            defer { waiting = false }
            if let deadline {
                if !lock.wait(until: monotonicTime(of: deadline)) { break }
            } else {
                lock.wait()
            }
        }
    }

    package var isClosed: Bool {
        lock.lock()
        defer { lock.unlock() }
        return closed
    }

    package var count: Int {
        lock.lock()
        defer { lock.unlock() }
        return messages.count + older.count
    }

    private func withLock<Result>(_ change: () -> Result) -> Result {
        lock.lock()
        let result = change()
        let wake = waiting
        lock.unlock()
        if wake { lock.signal() }
        return result
    }

    /// `ContinuousClock` counts suspended time, CLOCK_MONOTONIC does not; the distance from now is the same.
    private func monotonicTime(of deadline: ContinuousClock.Instant) -> timespec {
        let left = max(.zero, deadline - ContinuousClock.now)
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let (seconds, attoseconds) = left.components
        let nanoseconds = time.tv_nsec + Int(attoseconds / 1_000_000_000)
        time.tv_sec += Int(seconds) + nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        return time
    }
}
