import Domain
import Testing

@testable import Delivery

@Suite struct FairOrderTests {
    static let big = TenantID(high: 1, low: 1)
    static let small = TenantID(high: 2, low: 2)

    static func destination(_ number: UInt64) -> DestinationID { DestinationID(high: 9, low: number) }

    /// Sends `count` events of a size and returns how many each destination got.
    static func send(
        _ count: Int, _ order: inout FairOrder, bytes: (DestinationID) -> Int = { _ in 100 }
    ) -> [DestinationID: Int] {
        var sent: [DestinationID: Int] = [:]
        for _ in 0..<count {
            guard let turn = order.next() else { break }
            sent[turn.destination, default: 0] += 1
            order.sent(bytes: bytes(turn.destination))
        }
        return sent
    }

    @Test func `a tenant with a hundred destinations gets no more than one with a single one`() {
        var order = FairOrder()
        for number in 1...100 { order.add(Self.destination(UInt64(number)), of: Self.big) }
        order.add(Self.destination(1_000), of: Self.small)
        let sent = Self.send(1_000, &order)
        #expect(abs(sent[Self.destination(1_000)]! - 500) <= 4)
        let others = sent.filter { $0.key != Self.destination(1_000) }.values
        #expect(others.max()! - others.min()! <= 4, "the destinations of a tenant share alike")
    }

    @Test func `large payloads use turns up faster`() {
        var order = FairOrder()
        let (large, little) = (Self.destination(1), Self.destination(2))
        order.add(large, of: Self.big)
        order.add(little, of: Self.small)
        let sent = Self.send(1_000, &order) { $0 == large ? 99_000 : 1_000 }
        let bytes = (Double(sent[large]! * 100_024), Double(sent[little]! * 2_024))
        #expect(bytes.0 / bytes.1 > 0.8 && bytes.0 / bytes.1 < 1.25)
    }

    @Test func `an event of any size leaves its tenant a next turn`() {
        var order = FairOrder()
        order.add(Self.destination(1), of: Self.big)
        order.add(Self.destination(2), of: Self.small)
        let sent = Self.send(2_000, &order) { $0 == Self.destination(1) ? 1 << 40 : 100 }
        #expect(sent[Self.destination(1)]! >= 2_000 / 300)
    }

    @Test func `a lone destination has every turn`() {
        var order = FairOrder()
        order.add(Self.destination(1), of: Self.small)
        #expect(Self.send(100, &order) { _ in 1 << 20 } == [Self.destination(1): 100])
    }

    @Test func `whoever pauses is out until added again, and a tenant goes with its last destination`() {
        var order = FairOrder()
        order.add(Self.destination(1), of: Self.big)
        order.add(Self.destination(1), of: Self.big)
        order.add(Self.destination(2), of: Self.big)
        #expect(order.next()?.destination == Self.destination(1))
        order.pause()
        #expect(order.next()?.destination == Self.destination(2))
        order.pause()
        #expect(order.next() == nil)
        order.add(Self.destination(1), of: Self.big)
        #expect(order.next()?.destination == Self.destination(1))
    }

    @Test func `a paused tenant comes back with all that it had`() {
        var order = FairOrder()
        order.add(Self.destination(1), of: Self.big)
        order.add(Self.destination(2), of: Self.big)
        order.add(Self.destination(3), of: Self.small)
        order.pauseTenant()
        #expect(Self.send(10, &order) == [Self.destination(3): 10])
        order.add(Self.destination(2), of: Self.big)
        #expect(Set(Self.send(50, &order).keys) == Set((1...3).map { Self.destination($0) }))
    }

    @Test func `those whose turn came to nothing are the next, in their order`() {
        var order = FairOrder(quantum: 10)
        for number in 1...20 { order.add(Self.destination(UInt64(number)), of: Self.big) }
        order.add(Self.destination(1_000), of: Self.small)
        var taken: [(tenant: TenantID, destination: DestinationID)] = []
        for _ in 0..<3 {
            taken.append(order.next()!)
            order.pause(after: 10)
        }
        #expect(taken.map(\.destination.low) == [1, 1_000, 2], "a tenant's turn is one destination's work")
        for turn in taken.reversed() { order.addFirst(turn.destination, of: turn.tenant) }
        var next: [UInt64] = []
        for _ in 0..<5 {
            next.append(order.next()!.destination.low)
            order.pause(after: 10)
        }
        #expect(next.firstIndex(of: 1_000)! <= 1)
        #expect(next.filter { $0 != 1_000 } == [1, 2, 3, 4])
    }

    @Test func `turns are short`() {
        var order = FairOrder()
        order.add(Self.destination(1), of: Self.big)
        order.add(Self.destination(2), of: Self.small)
        var longest = 0
        var run = 0
        var last: DestinationID?
        for _ in 0..<100 {
            let turn = order.next()!.destination
            run = turn == last ? run + 1 : 1
            last = turn
            longest = max(longest, run)
            order.sent(bytes: 100)
        }
        #expect(longest <= 4)
    }
}
