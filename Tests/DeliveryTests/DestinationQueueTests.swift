import Domain
import Ports
import Testing

@testable import Delivery

@Suite struct DestinationQueueTests {
    @Test func `settings come before the first attempt`() {
        var queue = DestinationQueue(shard: Shard(0))
        #expect(queue.offer(makeEvent(), limit: .events(10), at: noon) == .queued)
        #expect(queue.step() == "load")
        queue.configure(makeSettings())
        #expect(queue.step() == "attempt 1")
    }

    @Test func `no more than the concurrency fly at a time, in the order they came`() {
        var queue = makeQueue(makeSettings(concurrency: 2))
        for number in 1...4 { _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon) }
        #expect(queue.step() == "attempt 1")
        #expect(queue.step() == "attempt 2")
        #expect(queue.step() == "idle")
        _ = finish(&queue, 1, succeeded: true)
        #expect(queue.step() == "attempt 3")
        #expect(queue.step() == "idle")
    }

    @Test func `an event is held from offer until it is forgotten, and never twice`() {
        var queue = makeQueue()
        #expect(queue.offer(makeEvent(1), limit: .events(10), at: noon) == .queued)
        #expect(queue.offer(makeEvent(1), limit: .events(10), at: noon) == .alreadyHeld)
        #expect(queue.step() == "attempt 1")
        #expect(queue.offer(makeEvent(1), limit: .events(10), at: noon) == .alreadyHeld)
        _ = finish(&queue, 1, succeeded: true)
        #expect(queue.offer(makeEvent(1), limit: .events(10), at: noon) == .alreadyHeld)
        queue.forget(makeEvent(1).item.eventID)
        #expect(queue.offer(makeEvent(1), limit: .events(10), at: noon) == .queued)
    }

    @Test func `a full queue says so`() {
        var queue = makeQueue()
        #expect(queue.offer(makeEvent(1), limit: .events(1), at: noon) == .queued)
        #expect(queue.offer(makeEvent(2), limit: .events(1), at: noon) == .full)
        #expect(!queue.held.contains(makeEvent(2).item.eventID))
    }

    @Test(arguments: [(limit: 0, isPressed: false), (limit: 10, isPressed: true)])
    func `a message is parked once, and not again nor read before that is settled`(limit: Int, isPressed: Bool) {
        var queue = makeSlowQueue()
        let later = noon + .seconds(1)
        let event = makeEvent(9, verifiedAt: later)
        #expect(queue.receive(event, limit: .events(limit), isPressed: isPressed, at: later) == .full)
        #expect(queue.held.contains(event.item.eventID) && queue.waiting.count == 2)
        // The broker brings it again; the store does, too, because the row is due and not parked yet.
        #expect(queue.receive(event, limit: .events(limit), isPressed: isPressed, at: later) == .alreadyHeld)
        #expect(queue.offer(event, limit: .events(10), at: later) == .alreadyHeld)
        queue.forget(event.item.eventID)
        #expect(queue.offer(event, limit: .events(10), at: later) == .queued)
    }

    @Test func `what is held is never parked by its own message`() {
        var queue = makeSlowQueue()
        let later = noon + .seconds(1)
        // One that flies, one that waits.
        for number in [1, 2] {
            let message = makeEvent(UInt64(number), mustCheck: true)
            #expect(queue.receive(message, limit: .events(10), isPressed: true, at: later) == .alreadyHeld)
            #expect(queue.receive(message, limit: .events(0), isPressed: false, at: later) == .alreadyHeld)
        }
        #expect(queue.inFlight == 1 && queue.waiting.count == 2)
    }

    @Test func `what waits is bounded by its bytes, but one event always may`() {
        let limit = DestinationQueue.Limit(events: 100, bytes: 10 * HeldEvent.overheadBytes)
        var queue = makeQueue(makeSettings(concurrency: 1))
        let large = String(repeating: "x", count: 20 * HeldEvent.overheadBytes)
        #expect(queue.offer(makeEvent(1, payload: large), limit: limit, at: noon) == .queued)
        #expect(queue.offer(makeEvent(2, payload: ""), limit: limit, at: noon) == .full)
        #expect(queue.room(at: noon, limit: limit) == 0)
        // In flight it does not count; back in line it does.
        #expect(queue.step() == "attempt 1" && queue.waitingBytes == 0)
        for number in 2...11 {
            #expect(queue.offer(makeEvent(UInt64(number), payload: ""), limit: limit, at: noon) == .queued)
        }
        #expect(queue.offer(makeEvent(12, payload: ""), limit: limit, at: noon) == .full)
        #expect(queue.waitingBytes == limit.bytes)
        #expect(queue.takeAll().count == 10 && queue.waitingBytes == 0)
        queue.putBack(makeEvent(2, payload: ""), verifiedAt: noon)
        #expect(queue.waitingBytes == HeldEvent.overheadBytes)
    }

    @Test(arguments: [(count: 3, bytes: 1 << 20), (count: 300, bytes: 0)])
    func `a destination that hangs is slow, however few of its events find room`(count: Int, bytes: Int) {
        let limit = DestinationQueue.Limit(events: 256, bytes: 4 << 20)
        var queue = makeQueue(makeSettings(concurrency: count))
        let payload = String(repeating: "x", count: bytes)
        var number: UInt64 = 0
        while queue.inFlight < count {
            number += 1
            _ = queue.offer(makeEvent(number, payload: payload), limit: limit, at: noon)
            _ = queue.step()
        }
        #expect(!queue.isSlow(at: noon + .seconds(1)), "nothing waits")
        repeat { number += 1 } while queue.offer(makeEvent(number, payload: payload), limit: limit, at: noon) == .queued
        #expect(queue.isSlow(at: noon + .seconds(1)))
        // Its backlog does not end because it is short.
        _ = finish(&queue, 1, succeeded: true)
        #expect(queue.step() == "attempt \(count + 1)")
        #expect(queue.isSlow(at: noon + .seconds(1)))
    }

    @Test func `what has never been sent is not slow`() {
        var queue = makeQueue(makeSettings(concurrency: 1))
        for number in 1...9 { _ = queue.offer(makeEvent(UInt64(number)), limit: .events(5), at: noon) }
        #expect(!queue.isSlow(at: noon + .seconds(9)))
        #expect(queue.step(at: noon + .seconds(9)) == "attempt 1")
        #expect(!queue.isSlow(at: noon + .seconds(9.4)), "it began just now")
        #expect(queue.isSlow(at: noon + .seconds(9.5)))
    }

    @Test func `what the store brings and has no place is not held`() {
        var queue = makeSlowQueue()
        #expect(queue.offer(makeEvent(9), limit: .events(0), at: noon) == .full)
        #expect(!queue.held.contains(makeEvent(9).item.eventID))
    }

    @Test func `a message of a destination that is not slow waits here under pressure`() {
        var queue = makeQueue()
        #expect(queue.receive(makeEvent(1), limit: .events(10), isPressed: true, at: noon) == .queued)
        #expect(queue.step() == "attempt 1")
    }

    @Test func `while a plugin is not there, nothing is tried and nothing is fetched`() {
        var queue = makeQueue(makeSettings(concurrency: 2))
        for number in 1...4 { _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon) }
        #expect(queue.step() == "attempt 1")
        #expect(queue.step() == "attempt 2")
        let later = noon + .seconds(5)
        queue.postponed(makeEvent(1).item.eventID, until: later)
        // The second had found out earlier; the later time counts.
        queue.postponed(makeEvent(2).item.eventID, until: noon + .seconds(3))
        #expect(queue.step() == "park [3, 4] until \(later)")
        #expect(queue.inFlight == 0)
        #expect(queue.room(at: noon + .seconds(4), limit: .events(100)) == 0)
        #expect(queue.room(at: later, limit: .events(100)) > 0)
        _ = queue.offer(makeEvent(5), limit: .events(10), at: later)
        #expect(queue.step(at: later) == "attempt 5")
    }

    /// Two attempts began, of which the first found no plugin, and the second goes on.
    private func queueAtRest(until end: Timestamp) -> DestinationQueue {
        var queue = makeQueue(makeSettings(concurrency: 5))
        for number in 1...2 { _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon) }
        #expect(queue.step() == "attempt 1")
        #expect(queue.step() == "attempt 2")
        queue.postponed(makeEvent(1).item.eventID, until: end)
        return queue
    }

    @Test func `after its rest one event finds out whether the plugin is there`() {
        let (first, second) = (noon + .seconds(10), noon + .seconds(20))
        var queue = queueAtRest(until: first)
        #expect(queue.room(at: first, limit: .events(100)) == 1)
        for number in [UInt64(3), 4] {
            _ = queue.offer(makeEvent(number, verifiedAt: first), limit: .events(10), at: first)
        }
        #expect(queue.step(at: first) == "attempt 3")
        #expect(queue.step(at: first) == "idle")
        #expect(queue.room(at: first, limit: .events(100)) == 0)
        queue.postponed(makeEvent(3).item.eventID, until: second)
        #expect(queue.step(at: first) == "park [4] until \(second)")
        #expect(queue.room(at: second, limit: .events(100)) == 1)
        // That of another attempt, begun before, tells as much.
        _ = queue.finished(
            makeEvent(2).item.eventID, succeeded: true, reachedDestination: true, took: .zero, at: second, threshold: 5)
        #expect(queue.room(at: second, limit: .events(100)) == 84)
    }

    @Test func `an event that finds out while another is postponed leaves the place to the next`() {
        let (first, second) = (noon + .seconds(10), noon + .seconds(20))
        var queue = queueAtRest(until: first)
        _ = queue.offer(makeEvent(3, verifiedAt: first), limit: .events(10), at: first)
        #expect(queue.step(at: first) == "attempt 3")
        queue.postponed(makeEvent(2).item.eventID, until: second)
        _ = queue.finished(
            makeEvent(3).item.eventID, succeeded: true, reachedDestination: true, took: .zero, at: first, threshold: 5)
        #expect(queue.room(at: second, limit: .events(100)) == 1)
        _ = queue.offer(makeEvent(4, verifiedAt: second), limit: .events(10), at: second)
        #expect(queue.step(at: second) == "attempt 4")
    }

    @Test func `a probe that was not sent can be sent again`() {
        let record = BreakerRecord(
            destinationID: DestinationID(high: 7, low: 1), state: .open, consecutiveFailures: 5, nextProbeAt: noon)
        var queue = makeQueue(makeSettings(breaker: record))
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        _ = queue.offer(makeEvent(2), limit: .events(10), at: noon)
        #expect(queue.step() == "attempt 1")
        queue.postponed(makeEvent(1).item.eventID, until: noon + .seconds(1))
        #expect(queue.step(at: noon + .seconds(1)) == "attempt 2")
    }

    @Test func `old and redelivered events are checked against their row first`() {
        var queue = makeQueue()
        _ = queue.offer(makeEvent(1, verifiedAt: noon - .seconds(16)), limit: .events(10), at: noon)
        _ = queue.offer(makeEvent(2, mustCheck: true), limit: .events(10), at: noon)
        _ = queue.offer(makeEvent(3), limit: .events(10), at: noon)
        #expect(queue.step() == "check 1")
        #expect(queue.step() == "check 2")
        #expect(queue.step() == "attempt 3")
        queue.putBack(makeEvent(2, mustCheck: true), verifiedAt: noon)
        #expect(queue.step() == "attempt 2")
        queue.putBack(makeEvent(1), verifiedAt: nil)
        _ = finish(&queue, 3, succeeded: true)
        #expect(queue.step() == "check 1")
    }

    @Test(arguments: [makeSettings(status: .inactive), makeSettings(isPaused: true), makeSettings(status: .suspended)])
    func `events of a destination that is not open go back to the store until it is`(settings: DestinationSettings) {
        var queue = makeQueue(settings)
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        _ = queue.offer(makeEvent(2), limit: .events(10), at: noon)
        #expect(queue.step() == "park [1, 2] until opened")
        #expect(queue.room(at: noon, limit: .events(100)) == 0)
        #expect(queue.parkedUntil == .never)
        queue.forget(makeEvent(1).item.eventID)
        queue.forget(makeEvent(2).item.eventID)
        #expect(queue.isIdle)

        queue.configure(makeSettings())
        #expect(queue.moreDue && queue.parkedUntil == nil)
        #expect(queue.room(at: noon, limit: .events(100)) > 1)
    }

    @Test func `a pause lets those in flight finish and keeps an open breaker`() {
        var queue = makeQueue(makeSettings(concurrency: 5))
        for number in 1...6 { _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon) }
        for number in 1...5 { #expect(queue.step() == "attempt \(number)") }
        queue.configure(makeSettings(concurrency: 5, isPaused: true))
        #expect(queue.step() == "park [6] until opened")
        for number in 1...5 { _ = finish(&queue, UInt64(number), succeeded: false) }
        #expect(queue.inFlight == 0 && queue.breaker.state == .open)
        queue.configure(makeSettings(concurrency: 5))
        #expect(queue.breaker.state == .open && queue.room(at: noon, limit: .events(100)) == 0)
        #expect(queue.room(at: noon + .seconds(60), limit: .events(100)) == 1)
    }

    @Test func `what was seen to wait before a cancellation is looked at again`() {
        var queue = makeQueue(makeSettings(concurrency: 5))
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        _ = queue.offer(makeEvent(2, verifiedAt: noon + .seconds(2)), limit: .events(10), at: noon)
        queue.doubt(at: noon + .seconds(1))
        #expect(queue.step(at: noon + .seconds(2)) == "check 1")
        #expect(queue.step(at: noon + .seconds(2)) == "attempt 2")
        queue.putBack(makeEvent(1), verifiedAt: noon + .seconds(3))
        #expect(queue.step(at: noon + .seconds(3)) == "attempt 1")
    }

    @Test func `what was asked for before a cancellation is looked at again, however late the answer`() {
        var queue = makeQueue(makeSettings(concurrency: 5))
        _ = queue.offer(makeEvent(1, mustCheck: true), limit: .events(10), at: noon)
        #expect(queue.step() == "check 1")
        queue.doubt(at: noon + .seconds(1))
        queue.putBack(makeEvent(1), verifiedAt: noon)
        #expect(queue.step(at: noon + .seconds(2)) == "check 1")
    }

    @Test func `a doubt ends although the clock is set back`() {
        var queue = makeQueue(makeSettings(concurrency: 5))
        queue.doubt(at: noon + .seconds(3_600))
        _ = queue.offer(makeEvent(1, verifiedAt: noon + .seconds(3_601)), limit: .events(10), at: noon)
        #expect(queue.step(at: noon) == "check 1")
        queue.putBack(makeEvent(1), verifiedAt: noon + .seconds(1))
        #expect(queue.step(at: noon + .seconds(1)) == "attempt 1")
    }

    @Test func `an open breaker parks until the probe, then lets one through`() {
        var queue = makeQueue(makeSettings(concurrency: 5))
        for number in 1...5 {
            _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon)
            _ = queue.step()
        }
        for number in 1...4 { #expect(finish(&queue, UInt64(number), succeeded: false) == .none) }
        let probeAt = noon + .seconds(60)
        #expect(finish(&queue, 5, succeeded: false) == .opened(until: probeAt))
        _ = queue.offer(makeEvent(6), limit: .events(10), at: noon)
        #expect(queue.step() == "park [6] until \(probeAt)")
        #expect(queue.room(at: noon, limit: .events(100)) == 0)
        #expect(queue.room(at: probeAt, limit: .events(100)) == 1)

        _ = queue.offer(makeEvent(7, verifiedAt: probeAt), limit: .events(10), at: noon)
        _ = queue.offer(makeEvent(8, verifiedAt: probeAt), limit: .events(10), at: noon)
        #expect(queue.step(at: probeAt) == "attempt 7")
        #expect(queue.step(at: probeAt) == "park [8] until now")
        #expect(queue.room(at: probeAt, limit: .events(100)) == 0)
        #expect(finish(&queue, 7, succeeded: true) == .closed)
        #expect(queue.room(at: probeAt, limit: .events(100)) > 1)
    }

    @Test func `a probe that was never sent is handed to the next`() {
        let open = BreakerRecord(
            destinationID: DestinationID(high: 7, low: 1), state: .open, consecutiveFailures: 5, nextProbeAt: noon)
        var queue = makeQueue(makeSettings(breaker: open))
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        #expect(queue.step() == "attempt 1")
        let change = queue.finished(
            makeEvent(1).item.eventID, succeeded: false, reachedDestination: false, took: .zero, at: noon, threshold: 5)
        #expect(change == .none)
        _ = queue.offer(makeEvent(2), limit: .events(10), at: noon)
        #expect(queue.step() == "attempt 2")
    }

    @Test func `what a plugin breaks does not open the destination's breaker`() {
        var queue = makeQueue()
        for number in 1...20 {
            _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon)
            #expect(queue.step() == "attempt \(number)")
            _ = queue.finished(
                makeEvent(UInt64(number)).item.eventID, succeeded: false, reachedDestination: false, took: .zero,
                at: noon,
                threshold: 5)
        }
        #expect(queue.breaker.state == .closed)
    }

    @Test func `settings read again leave a newer breaker alone`() {
        var queue = makeQueue()
        for number in 1...5 {
            _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon)
            _ = queue.step()
            _ = finish(&queue, UInt64(number), succeeded: false)
        }
        #expect(queue.breaker.state == .open)
        queue.configure(makeSettings(concurrency: 9))
        #expect(queue.breaker.state == .open)
        #expect(queue.gate?.concurrency == 9)
    }

    @Test func `when a shard comes back, the breaker is what its owner in between has written`() {
        var queue = makeQueue()
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        #expect(queue.step() == "attempt 1")
        #expect(queue.loadBegins() == true)
        queue.released()
        #expect(finish(&queue, 1, succeeded: false) == .none)
        let record = BreakerRecord(
            destinationID: DestinationID(high: 7, low: 1), state: .open, consecutiveFailures: 5,
            nextProbeAt: noon + .seconds(60))
        #expect(queue.configure(makeSettings()) == true, "that load may have been older")
        #expect(queue.gate == nil)
        #expect(queue.configure(makeSettings(breaker: record)) == false)
        #expect(queue.breaker.state == .open && queue.breaker.consecutiveFailures == 5)
    }

    @Test func `a destination that is gone is asked for again, not sent to`() {
        var queue = makeQueue()
        queue.forgetSettings()
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        #expect(queue.step() == "load")
    }

    @Test func `an answer of the store that is older than a settlement does not bring the event back`() {
        var queue = makeQueue()
        _ = queue.offer(makeEvent(1), limit: .events(10), at: noon)
        _ = queue.step()
        queue.readBegan()
        _ = finish(&queue, 1, succeeded: true)
        queue.forget(makeEvent(1).item.eventID)
        let items = queue.readEnded([makeEvent(1).item, makeEvent(2).item], asked: 2, isCut: false)
        #expect(items.map(\.eventID.low) == [2])
        #expect(queue.moreDue)
        queue.readBegan()
        #expect(queue.readEnded([makeEvent(1).item], asked: 2, isCut: false).count == 1)
        #expect(!queue.moreDue)
    }

    /// One attempt in flight for a second, two that wait for it.
    private func makeSlowQueue() -> DestinationQueue {
        var queue = makeQueue(makeSettings(concurrency: 1))
        for number in 1...3 { _ = queue.offer(makeEvent(UInt64(number)), limit: .events(10), at: noon) }
        #expect(queue.step() == "attempt 1")
        #expect(queue.isSlow(at: noon + .seconds(1)))
        return queue
    }

    private func finish(_ queue: inout DestinationQueue, _ number: UInt64, succeeded: Bool) -> CircuitBreaker.Change {
        queue.finished(
            makeEvent(number).item.eventID, succeeded: succeeded, reachedDestination: true, took: .zero, at: noon,
            threshold: 5)
    }
}
