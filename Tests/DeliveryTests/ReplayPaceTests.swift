import Testing

@testable import Delivery

@Suite struct ReplayPaceTests {
    private let start = ContinuousClock.Instant.now

    @Test(arguments: [1, 7, 50, 1_000])
    func `over time a replay keeps to its rate, however often it is asked`(rate: Int) {
        var pace = ReplayPace(at: start)
        var taken = 0
        for step in 1...100 {
            let permitted = pace.permits(at: start + .milliseconds(200 * step), rate: rate)
            pace.took(permitted)
            taken += permitted
        }
        #expect((rate * 20 - max(1, rate / 5)...rate * 20).contains(taken), "\(taken) of \(rate * 20)")
    }

    @Test func `a pause of the worker is not made up for in a burst`() {
        var pace = ReplayPace(at: start)
        #expect(pace.permits(at: start + .seconds(3_600), rate: 100) == 50)
        #expect(pace.permits(at: start + .seconds(3_600), rate: 1) == 1)
    }

    @Test func `what was not used is not lost at once`() {
        var pace = ReplayPace(at: start)
        #expect(pace.permits(at: start + .milliseconds(200), rate: 100) == 20)
        pace.took(5)
        #expect(pace.permits(at: start + .milliseconds(300), rate: 100) == 25)
    }
}
