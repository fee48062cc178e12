import Domain
import Testing

@testable import Delivery

@Suite struct DeliveryPaceTests {
    @Test func `a burst that has just begun is not slow`() {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        #expect(!pace.isSlow(at: noon + .milliseconds(250), waiting: 1_000))
    }

    @Test func `a backlog of which nothing is worked off is slow`() {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        #expect(pace.isSlow(at: noon + .milliseconds(251), waiting: 1))
    }

    @Test func `without a backlog nothing is slow`() {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        pace.backlogEnded()
        #expect(!pace.isSlow(at: noon + .seconds(9), waiting: 0))
    }

    /// perSecond: attempts finished; waiting: events. Slow is what would take over two seconds.
    @Test(arguments: [(400, 200, false), (400, 700, false), (400, 1_000, true), (20, 30, false), (20, 60, true)])
    func `a busy destination is slow only if it would need long`(perSecond: Int, waiting: Int, slow: Bool) {
        var pace = DeliveryPace()
        pace.backlogBegan(at: noon)
        for number in 0..<perSecond * 2 {
            pace.finishedOne(at: noon + .seconds(Double(number) / Double(perSecond)))
        }
        #expect(pace.isSlow(at: noon + .seconds(2), waiting: waiting) == slow)
    }
}
