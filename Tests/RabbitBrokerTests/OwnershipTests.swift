import Domain
import Ports
import Telemetry
import TestSupport
import Testing

@testable import RabbitBroker

private let withBroker = Comment("HOOKSENTRY_AMQP_URL names no broker; `scripts/services up` starts one.")

@Suite("Ownership of shards", .enabled(if: TestBroker.url != nil, withBroker))
struct OwnershipTests {
    private let shard = Shard(0)

    private func connected(_ metrics: Metrics) -> Bool {
        metrics.gauge("hooksentry_broker_connected", help: "", labels: ["role": "consumer"]).value == 1
    }

    private func publish(_ numbers: Range<Int>, to shard: Shard, by publisher: RabbitPublisher) {
        publisher.publish(numbers.map { (shard, makeItem($0)) })
        #expect(publisher.flush(until: .now + .seconds(20)))
    }

    @Test("A second consumer waits, and gets what the first left unacknowledged when that one ends")
    func takeOver() throws {
        let broker = try TestBroker(shards: 1)
        let publisher = try broker.makePublisher(.singly)
        let (first, second) = (Collector(), Collector())
        let owner = try broker.makeConsumer(first, of: [shard])
        publish(0..<100, to: shard, by: publisher)
        #expect(eventually { first.count == 100 })
        owner.acknowledge(first.deliveries.filter { $0.receipt.tag % 5 < 2 }.map(\.receipt))
        #expect(eventually { broker.count("acknowledged") == 40 })

        let waitingMetrics = Metrics()
        let heir = try broker.makeConsumer(second, of: [shard], metrics: waitingMetrics)
        defer {
            owner.stop()
            heir.stop()
            publisher.stop()
        }
        #expect(eventually { connected(waitingMetrics) })
        publish(100..<110, to: shard, by: publisher)
        #expect(eventually { first.count == 110 })
        #expect(second.count == 0)

        owner.stop()
        #expect(eventually { second.count == 70 })
        #expect(second.deliveries.allSatisfy { $0.redelivered })
        let left = first.deliveries.filter { $0.receipt.tag % 5 >= 2 || $0.receipt.tag > 100 }
        #expect(Set(second.deliveries.map(\.item.eventID)) == Set(left.map(\.item.eventID)))
    }

    @Test("A dropped shard still acknowledges, and returns the rest only when it is released")
    func release() throws {
        let broker = try TestBroker(shards: 2)
        let publisher = try broker.makePublisher(.singly)
        let (first, second) = (Collector(), Collector())
        let owner = try broker.makeConsumer(first, of: [shard, Shard(1)])
        publish(0..<10, to: shard, by: publisher)
        #expect(eventually { first.count == 10 })
        let kept = first.take()
        owner.consume([Shard(1)])
        #expect(eventually { !broker.hasConsumer(shard) })

        let heir = try broker.makeConsumer(second, of: [shard], metrics: Metrics())
        #expect(eventually { broker.hasConsumer(shard) })
        defer {
            owner.stop()
            heir.stop()
            publisher.stop()
        }
        publish(10..<15, to: shard, by: publisher)
        #expect(eventually { second.count == 5 })
        #expect(second.take().allSatisfy { !$0.redelivered })
        owner.acknowledge(kept.prefix(4).map(\.receipt))
        #expect(eventually { broker.count("acknowledged") == 4 })
        #expect(second.count == 0)

        owner.release(shard)
        #expect(eventually { second.count == 6 })
        #expect(Set(second.deliveries.map(\.item.eventID)) == Set(kept.dropFirst(4).map(\.item.eventID)))
        // Receipts of the closed channel mean nothing any more, and harm nothing.
        owner.acknowledge(kept.map(\.receipt))
        publish(20..<21, to: Shard(1), by: publisher)
        #expect(eventually { first.count == 1 })
        #expect(broker.count("acknowledged") == 4)
    }

    @Test("A shard wanted again before its release starts anew")
    func wantedAgain() throws {
        let broker = try TestBroker(shards: 1)
        let publisher = try broker.makePublisher(.singly)
        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: [shard])
        defer {
            consumer.stop()
            publisher.stop()
        }
        publish(0..<200, to: shard, by: publisher)
        #expect(eventually { collector.count == 200 })
        for round in 1...5 {
            let before = collector.take()
            #expect(before.count == 200, "round \(round)")
            consumer.consume([])
            consumer.consume([shard])
            #expect(eventually { collector.count == 200 })
            #expect(Set(collector.deliveries.map(\.receipt)).isDisjoint(with: before.map(\.receipt)))
            #expect(collector.deliveries.allSatisfy { $0.redelivered })
        }
        consumer.acknowledge(collector.take().map(\.receipt))
        #expect(eventually { broker.count("acknowledged") == 200 })
    }
}
