import Domain
import Testing

@testable import Delivery

@Suite struct MemoryUseTests {
    private var limits: Limits {
        var limits = Limits()
        limits.dispatcherBytes = 1_600
        limits.destinationQueueEvents = 7
        return limits
    }

    @Test(arguments: [
        (held: 0, inFlight: 0, isForSlow: true, isPressed: false, events: 7),
        (held: 199, inFlight: 0, isForSlow: true, isPressed: false, events: 7),
        (held: 200, inFlight: 0, isForSlow: false, isPressed: false, events: 7),
        (held: 399, inFlight: 0, isForSlow: false, isPressed: false, events: 7),
        (held: 400, inFlight: 0, isForSlow: false, isPressed: true, events: 7),
        // Attempts in flight, however large, keep nobody from reading.
        (held: 800, inFlight: 800, isForSlow: true, isPressed: false, events: 7),
        (held: 1_000, inFlight: 800, isForSlow: false, isPressed: false, events: 7),
        (held: 1_200, inFlight: 800, isForSlow: false, isPressed: true, events: 7),
        (held: 1_600, inFlight: 800, isForSlow: false, isPressed: true, events: 0),
    ])
    func `the more waits, the fewer may come`(held: Int, inFlight: Int, isForSlow: Bool, isPressed: Bool, events: Int) {
        let memory = MemoryUse(limits: limits, held: held, inFlight: inFlight)
        #expect(memory.isForSlow == isForSlow)
        #expect(memory.isPressed == isPressed)
        #expect(memory.queueLimit.events == events)
        #expect(memory.queueLimit.bytes == 100)
    }

    @Test(arguments: [(0, 200), (100, 150), (397, 1), (500, 1)])
    func `a read takes half of what is left at most, and something always`(held: Int, bytes: Int) {
        #expect(MemoryUse(limits: limits, held: held, inFlight: 0).readBytes == bytes)
    }

    @Test(arguments: [
        (held: 0, after: 0, isDue: true), (held: 350, after: 0, isDue: true), (held: 351, after: 99, isDue: false),
        (held: 351, after: 100, isDue: true), (held: 399, after: 100, isDue: true),
        (held: 400, after: 1_000, isDue: false),
    ])
    func `for the last eighth of the room there is a read only now and then`(held: Int, after: Int, isDue: Bool) {
        let memory = MemoryUse(limits: limits, held: held, inFlight: 0)
        #expect(memory.isReadDue(after: .milliseconds(after)) == isDue)
        #expect(memory.isEased == (held <= 350))
    }

    @Test func `a read is bounded with any memory`() {
        var limits = Limits()
        limits.dispatcherBytes = 1 << 40
        #expect(MemoryUse(limits: limits, held: 0, inFlight: 0).readBytes == 16 << 20)
    }
}
