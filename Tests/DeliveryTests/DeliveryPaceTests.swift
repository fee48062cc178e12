import Domain
import Testing

@testable import Delivery

@Suite struct DeliveryPaceTests {
    @Test func `a burst that has just begun is not slow`() {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        #expect(!pace.isSlow(at: noon + .milliseconds(250), waiting: 1_000, inFlight: 1, concurrency: 1))
    }

    @Test func `a backlog of which nothing is worked off is slow`() {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        pace.firstBegan(at: noon)
        #expect(!pace.isSlow(at: noon + .milliseconds(499), waiting: 1, inFlight: 1, concurrency: 5))
        #expect(pace.isSlow(at: noon + .milliseconds(500), waiting: 1, inFlight: 1, concurrency: 5))
        #expect(!pace.isSlow(at: noon + .milliseconds(500), waiting: 1, inFlight: 0, concurrency: 5))
    }

    @Test func `without a backlog nothing is slow`() {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        pace.backlogEnded()
        #expect(!pace.isSlow(at: noon + .seconds(9), waiting: 0, inFlight: 1, concurrency: 1))
    }

    /// took: an attempt, in milliseconds; waiting: events. Slow is what would take over two seconds at the limit.
    @Test(arguments: [
        (took: 10, waiting: 999, inFlight: 5, slow: false), (took: 10, waiting: 1_001, inFlight: 5, slow: true),
        (took: 400, waiting: 25, inFlight: 5, slow: false), (took: 400, waiting: 26, inFlight: 5, slow: true),
        // It could do more: it waits for the worker.
        (took: 400, waiting: 200, inFlight: 4, slow: false),
    ])
    func `a busy destination is slow only if it would need long`(took: Int, waiting: Int, inFlight: Int, slow: Bool) {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        for _ in 0..<9 { pace.finishedOne(at: noon + .seconds(2), took: .milliseconds(took)) }
        #expect(pace.isSlow(at: noon + .seconds(2), waiting: waiting, inFlight: inFlight, concurrency: 5) == slow)
    }
}
