import Testing

@testable import Domain

@Suite struct CircuitBreakerTests {
    private let start = Timestamp(seconds: 1_000)
    private let openTime = Duration.seconds(60)

    private func makeOpen() -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<3 { _ = breaker.failed(at: start, threshold: 3, openTime: openTime) }
        return breaker
    }

    @Test func `it opens at the threshold and not before`() {
        var breaker = CircuitBreaker()
        #expect(breaker.failed(at: start, threshold: 3, openTime: openTime) == .none)
        #expect(breaker.failed(at: start, threshold: 3, openTime: openTime) == .none)
        #expect(breaker.ask(at: start) == .pass)
        #expect(breaker.failed(at: start, threshold: 3, openTime: openTime) == .opened(until: start + openTime))
        #expect(breaker.state == .open)
        #expect(breaker.consecutiveFailures == 3)
    }

    @Test func `a success in between starts the count again`() {
        var breaker = CircuitBreaker()
        for _ in 0..<10 {
            _ = breaker.failed(at: start, threshold: 3, openTime: openTime)
            _ = breaker.failed(at: start, threshold: 3, openTime: openTime)
            #expect(breaker.succeeded() == .none)
        }
        #expect(breaker.state == .closed)
    }

    @Test func `while open nobody passes until its time, then one alone`() {
        var breaker = makeOpen()
        #expect(breaker.ask(at: start) == .wait(until: start + openTime))
        #expect(breaker.ask(at: start + openTime - .microseconds(1)) == .wait(until: start + openTime))
        #expect(breaker.ask(at: start + openTime) == .probe)
        #expect(breaker.state == .halfOpen)
        for _ in 0..<3 { #expect(breaker.ask(at: start + openTime) == .wait(until: nil)) }
    }

    @Test func `the probe decides`() {
        var good = makeOpen()
        _ = good.ask(at: start + openTime)
        #expect(good.succeeded() == .closed)
        #expect(good == CircuitBreaker())

        var bad = makeOpen()
        let later = start + openTime
        _ = bad.ask(at: later)
        #expect(bad.failed(at: later, threshold: 3, openTime: openTime) == .opened(until: later + openTime))
        #expect(bad.ask(at: later) == .wait(until: later + openTime))
        #expect(bad.ask(at: later + openTime) == .probe)
    }

    @Test func `late failures do not prolong an open breaker`() {
        var breaker = makeOpen()
        #expect(breaker.failed(at: start + .seconds(50), threshold: 3, openTime: openTime) == .none)
        #expect(breaker.nextProbeAt == start + openTime)
    }

    @Test func `a probe that was never sent is handed out again`() {
        var breaker = makeOpen()
        _ = breaker.ask(at: start + openTime)
        breaker.probeReturned()
        #expect(breaker.ask(at: start + openTime) == .probe)
    }

    @Test(arguments: CircuitBreaker.State.allCases)
    func `what was persisted goes on with the next owner`(state: CircuitBreaker.State) {
        var breaker = CircuitBreaker(state: state, consecutiveFailures: 7, nextProbeAt: start)
        #expect(breaker.consecutiveFailures == 7)
        #expect(breaker.ask(at: start - .seconds(1)) == [.pass, .wait(until: start), .probe][Int(state.rawValue)])
    }

    /// Whatever happens in whatever order: at most one probe is in the air, and an open breaker lets nobody pass.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `no order of events lets two probes out`(seed: UInt64) {
        var generator = RepeatableNumbers(seed: seed)
        var breaker = CircuitBreaker()
        var now = start
        var probes = 0
        for _ in 0..<500 {
            let before = breaker.state
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1, 2:
                switch breaker.ask(at: now) {
                case .pass: #expect(before == .closed)
                case .probe:
                    probes += 1
                    #expect(probes == 1)
                case .wait: #expect(before != .closed)
                }
            case 3:
                if breaker.failed(at: now, threshold: 3, openTime: openTime) != .none { probes = 0 }
            case 4:
                _ = breaker.succeeded()
                probes = 0
            default: now = now + .seconds(Int.random(in: 0..<90, using: &generator))
            }
        }
    }
}
