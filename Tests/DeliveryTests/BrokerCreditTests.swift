import Domain
import Ports
import Testing

@testable import Delivery

@Suite struct BrokerCreditTests {
    private let start = ContinuousClock.now

    private func credit(holding count: Int, shard: Int16 = 0) -> BrokerCredit {
        var credit = BrokerCredit(prefetch: 1_600, shards: 16)
        for number in 0..<count {
            credit.keep(receipt(number), for: event(number), shard: Shard(shard), at: start)
        }
        return credit
    }

    private func event(_ number: Int) -> EventID { EventID(high: 1, low: UInt64(number)) }
    private func receipt(_ number: Int) -> Receipt { Receipt(connection: 1, tag: UInt64(number)) }

    @Test func `a shard is pressed from half of its part of the prefetch on, alone`() {
        #expect(!credit(holding: 49).isPressed(Shard(0)))
        #expect(credit(holding: 50).isPressed(Shard(0)))
        #expect(!credit(holding: 50).isPressed(Shard(1)))
    }

    @Test func `a receipt is given out once`() {
        var credit = credit(holding: 50)
        #expect(credit.take(event(7)) == receipt(7))
        #expect(credit.take(event(7)) == nil)
        #expect(!credit.isPressed(Shard(0)))
    }

    @Test func `under pressure what is held for long gives its message back, the rest keeps it`() {
        var credit = credit(holding: 60)
        credit.keep(receipt(99), for: event(99), shard: Shard(0), at: start + .milliseconds(900))
        #expect(credit.takeOverdue(at: start + .seconds(1)).isEmpty)
        let overdue = credit.takeOverdue(at: start + .milliseconds(1_100))
        #expect(Set(overdue) == Set((0..<60).map(receipt)))
        #expect(credit.take(event(0)) == nil)
        #expect(credit.take(event(99)) == receipt(99))
    }

    @Test func `without pressure everything keeps its message`() {
        var credit = credit(holding: 49)
        #expect(credit.takeOverdue(at: start + .seconds(60)).isEmpty)
    }
}
