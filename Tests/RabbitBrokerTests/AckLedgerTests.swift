import Domain
import Testing

@testable import RabbitBroker

@Suite("Ack ledger")
struct AckLedgerTests {
    private func makeLedger(delivered: UInt64) -> AckLedger {
        var ledger = AckLedger()
        for tag in 1...delivered { _ = ledger.received(tag) }
        return ledger
    }

    /// Messages of one event each.
    private func parts(_ tags: some Sequence<UInt64>) -> [AckLedger.Part] { tags.map { .init(tag: $0) } }

    @Test("A run from the front becomes one multiple")
    func run() {
        var ledger = makeLedger(delivered: 10)
        #expect(ledger.acknowledge(parts([3, 1, 2])).commands == [.init(tag: 3, multiple: true)])
        #expect(ledger.outstanding == 7)
    }

    @Test("Beyond a gap each goes alone, and the gap's filling covers only what is new")
    func gap() {
        var ledger = makeLedger(delivered: 10)
        let alone: [AckLedger.Command] = [.init(tag: 2, multiple: false), .init(tag: 4, multiple: false)]
        #expect(ledger.acknowledge(parts([2, 4])).commands == alone)
        // Tag 2 is the end of the run, but the broker holds it no more: the multiple must name tag 1.
        #expect(ledger.acknowledge(parts([1])).commands == [.init(tag: 1, multiple: true)])
        #expect(ledger.low == 2)
        let both: [AckLedger.Command] = [.init(tag: 3, multiple: true), .init(tag: 6, multiple: false)]
        #expect(ledger.acknowledge(parts([3, 6])).commands == both)
        #expect(ledger.low == 4)
    }

    @Test("Repeated, unknown and future tags are left out")
    func repeats() {
        var ledger = makeLedger(delivered: 3)
        #expect(ledger.acknowledge(parts([1, 1, 0, 4, .max])).commands == [.init(tag: 1, multiple: true)])
        #expect(ledger.acknowledge(parts([1, 3, 3])).settled == 1)
        #expect(ledger.acknowledge(parts([3])).commands.isEmpty)
        #expect(ledger.outstanding == 1)
    }

    @Test("A message of several events is acknowledged with the last of them, in any order")
    func bundles() {
        var ledger = makeLedger(delivered: 3)
        ledger.holds(64, in: 1)
        ledger.holds(2, in: 2)
        var random = RepeatableNumbers(seed: 1)
        let parts = (0..<64).map { AckLedger.Part(tag: 1, index: $0) }.shuffled(using: &random)
        #expect(ledger.acknowledge(parts.dropLast()).commands.isEmpty)
        #expect(ledger.acknowledge(parts.dropLast()) == ([], 0))
        #expect(ledger.outstanding == 3)
        let gap = ledger.acknowledge([.init(tag: 2, index: 1), .init(tag: 2, index: 2), .init(tag: 2, index: 64)])
        #expect(gap == ([], 1))
        let end = ledger.acknowledge([parts[63], .init(tag: 2, index: 0), .init(tag: 3, index: 0)])
        #expect(end == ([.init(tag: 3, multiple: true)], 3))
        #expect(ledger.outstanding == 0)
    }

    @Test("Tags that do not count up are refused")
    func order() {
        var ledger = makeLedger(delivered: 2)
        let accepted = [2, 4, 3].map { ledger.received($0) }
        #expect(accepted == [false, false, true])
    }

    @Test("In any order, a broker that checks every tag accepts all commands and ends with none left")
    func anyOrder() {
        for seed in 1...5 as ClosedRange<UInt64> {
            var random = RepeatableNumbers(seed: seed)
            let count: UInt64 = 3_000
            var ledger = makeLedger(delivered: count)
            var held = Set(1...count)
            var tags = Array(1...count).shuffled(using: &random)
            while !tags.isEmpty {
                let batch = tags.suffix(Int.random(in: 1...200, using: &random))
                tags.removeLast(batch.count)
                for command in ledger.acknowledge(parts(batch)).commands {
                    #expect(held.contains(command.tag))
                    if command.multiple { held = held.filter { $0 > command.tag } } else { held.remove(command.tag) }
                }
                #expect(held.count == tags.count)
            }
            #expect(held.isEmpty && ledger.outstanding == 0)
            #expect(ledger.low == count)
        }
    }
}
