import Domain
import Testing

@testable import RabbitBroker

@Suite("Reconnect delay")
struct ReconnectDelayTests {
    @Test("It doubles from 100 ms to 5 s")
    func doubles() {
        var delay = ReconnectDelay()
        let delays = (0..<9).map { _ in delay.next(afterConnectionOf: nil, chance: 1).inMilliseconds }
        #expect(delays == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    }

    @Test("Chance takes up to half of it")
    func chance() {
        var delay = ReconnectDelay()
        #expect(delay.next(afterConnectionOf: nil, chance: 0) == .milliseconds(50))
        #expect(delay.next(afterConnectionOf: nil, chance: 0.5) == .milliseconds(150))
    }

    @Test("Only a connection that lasted starts it anew")
    func lasted() {
        var delay = ReconnectDelay()
        for _ in 0..<4 { _ = delay.next(afterConnectionOf: .milliseconds(20), chance: 1) }
        #expect(delay.next(afterConnectionOf: .seconds(1), chance: 1) == .milliseconds(1_600))
        #expect(delay.next(afterConnectionOf: .seconds(60), chance: 1) == .milliseconds(100))
    }
}
