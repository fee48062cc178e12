import Domain
import Ports
import Testing

@testable import Delivery

/// What a destination's queue asks the store for.
@Suite struct DestinationReadingTests {
    @Test func `of large events no more are fetched than may wait`() {
        let limit = DestinationQueue.Limit(events: 100, bytes: 40 * HeldEvent.overheadBytes)
        var queue = makeQueue(makeSettings(concurrency: 5))
        // Nobody knows yet how large they are.
        #expect(queue.room(at: noon, limit: limit) == 84)
        let large = String(repeating: "x", count: 9 * HeldEvent.overheadBytes)
        #expect(queue.offer(makeEvent(1, payload: large), limit: limit, at: noon) == .queued)
        #expect(queue.room(at: noon, limit: limit) == 3)
        #expect(queue.offer(makeEvent(2, payload: large), limit: limit, at: noon) == .queued)
        #expect(queue.offer(makeEvent(3, payload: large), limit: limit, at: noon) == .queued)
        // More than half of what may wait does.
        #expect(queue.room(at: noon, limit: limit) == 0)
        for number in 1...3 { #expect(queue.step() == "attempt \(number)") }
        #expect(queue.room(at: noon, limit: DestinationQueue.Limit(events: 100, bytes: 1)) == 1)
    }

    @Test func `what became due while the store was read is read again`() {
        var queue = makeQueue()
        queue.readBegan()
        queue.becameDue()
        #expect(queue.readEnded([], asked: 5, isCut: false).isEmpty)
        #expect(queue.moreDue && queue.mayHaveWaited)
        queue.readBegan()
        #expect(queue.readEnded([], asked: 5, isCut: false).isEmpty)
        #expect(!queue.moreDue && !queue.mayHaveWaited)
    }

    @Test func `what waited for the destination is asked for until all of it came`() {
        var queue = makeQueue()
        #expect(queue.mayHaveWaited, "nobody knows what was before")
        queue.readBegan()
        _ = queue.readEnded([makeEvent(1).item], asked: 1, isCut: false)
        #expect(queue.moreDue && queue.mayHaveWaited)
        queue.readBegan()
        _ = queue.readEnded([], asked: 1, isCut: true)
        #expect(queue.moreDue && queue.mayHaveWaited)
        queue.readBegan()
        _ = queue.readEnded([], asked: 1, isCut: false)
        #expect(!queue.moreDue && !queue.mayHaveWaited)
        queue.configure(makeSettings(isPaused: true))
        queue.configure(makeSettings())
        #expect(queue.moreDue && queue.mayHaveWaited)
    }

    @Test func `a destination is expected to have few events until it has shown more`() {
        var queue = makeQueue(makeSettings(concurrency: 20))
        #expect(queue.expected(of: 144) == (64, 64 * 2 * HeldEvent.overheadBytes))
        #expect(queue.expected(of: 3) == (3, 3 * 2 * HeldEvent.overheadBytes))
        _ = queue.offer(makeEvent(1, payload: "1234"), limit: .events(10), at: noon)
        #expect(queue.expected(of: 10) == (10, 10 * (HeldEvent.overheadBytes + 4)))
        queue.readBegan()
        _ = queue.readEnded([makeEvent(1).item], asked: 1, isCut: false)
        #expect(queue.expected(of: 144).events == 144)
        queue.readBegan()
        _ = queue.readEnded([], asked: 144, isCut: true)
        #expect(queue.expected(of: 144).events == 144, "it was not its turn")
        queue.readBegan()
        _ = queue.readEnded([makeEvent(1).item], asked: 144, isCut: false)
        #expect(queue.expected(of: 144).events == 64)
    }

    @Test func `settings that change while they are loaded are loaded once more`() {
        var queue = makeQueue()
        #expect([queue.loadBegins(), queue.loadBegins()] == [true, false])
        #expect(queue.configure(makeSettings()) == false, "nothing has changed meanwhile")
        #expect([queue.reloadBegins(), queue.reloadBegins(), queue.reloadBegins()] == [true, false, false])
        #expect(queue.configure(makeSettings()) == true)
        #expect([queue.loadBegins()] == [true])
        #expect(queue.configure(makeSettings()) == false)
        #expect([queue.loadBegins(), queue.reloadBegins(), queue.forgetSettings()] == [true, false, true])
        #expect(!queue.isLoading)
    }
}
