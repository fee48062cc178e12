import Testing

@testable import Delivery

@Suite("Settle lag")
struct SettleLagTests {
    static let start = ContinuousClock.now
    static let patience = Duration.seconds(1)

    static func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test("A worker with nothing to settle never stalls")
    func idle() {
        var lag = SettleLag(at: Self.start)
        #expect(!lag.isStalled(at: Self.at(60_000), patience: Self.patience))
        lag.posted(3, at: Self.at(60_000))
        lag.settled(3, at: Self.at(60_010))
        #expect(!lag.isStalled(at: Self.at(120_000), patience: Self.patience))
    }

    @Test("It stalls a while after the first outcome that is not written, and not before")
    func stalls() {
        var lag = SettleLag(at: Self.start)
        lag.posted(1, at: Self.at(5_000))
        lag.posted(1, at: Self.at(5_900))
        #expect(!lag.isStalled(at: Self.at(6_000), patience: Self.patience))
        #expect(lag.isStalled(at: Self.at(6_001), patience: Self.patience))
    }

    @Test("Any progress counts, and what was written ends a stall")
    func progress() {
        var lag = SettleLag(at: Self.start)
        lag.posted(10, at: Self.start)
        lag.settled(4, at: Self.at(900))
        #expect(!lag.isStalled(at: Self.at(1_800), patience: Self.patience))
        #expect(lag.isStalled(at: Self.at(2_000), patience: Self.patience))
        lag.settled(6, at: Self.at(2_500))
        #expect(!lag.isStalled(at: Self.at(9_000), patience: Self.patience))
    }
}
