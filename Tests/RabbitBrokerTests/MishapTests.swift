import Domain
import Ports
import TestSupport
import Testing

@testable import RabbitBroker

private let withBroker = Comment("HOOKSENTRY_AMQP_URL names no broker; `scripts/services up` starts one.")

@Suite("Mishaps at the broker", .enabled(if: TestBroker.url != nil, withBroker))
struct MishapTests {
    private let shard = Shard(0)

    @Test("Unreadable messages move to the quarantine and do not stop the readable ones")
    func quarantine() throws {
        let broker = try TestBroker(shards: 1)
        let publisher = try broker.makePublisher()
        defer { publisher.stop() }
        for garbage in [[], [7, 7, 7], [1, 2], makePayload(bytes: 300_000)] as [[UInt8]] {
            try broker.publish(raw: garbage, to: shard)
        }
        publisher.publish((0..<3).map { (shard, makeItem($0)) })
        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: [shard])
        defer { consumer.stop() }
        #expect(eventually { collector.count == 3 && broker.count("quarantined") == 4 })
        #expect(broker.ready(in: broker.topology.quarantineQueue) == 4)
        consumer.acknowledge(collector.deliveries.map(\.receipt))
        consumer.stop()
        #expect(broker.ready(in: shard) == 0)
    }

    @Test("A queue deleted under them is declared again by consumer and publisher")
    func deletedQueue() throws {
        let broker = try TestBroker(shards: 2)
        let publisher = try broker.makePublisher()
        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: [shard])
        defer {
            publisher.stop()
            consumer.stop()
        }
        publisher.publish([(shard, makeItem(1))])
        #expect(eventually { collector.take().count == 1 })
        // Consumed: the broker tells the consumer.
        broker.delete(queue: broker.topology.queue(of: shard))
        #expect(
            eventually {
                publisher.publish([(shard, makeItem(2))])
                return publisher.flush(until: .now + .seconds(20)) && collector.count > 0
            })
        // Not consumed: the publisher sees its message come back.
        broker.delete(queue: broker.topology.queue(of: Shard(1)))
        let nacked = broker.count("nacked")
        publisher.publish([(Shard(1), makeItem(3))])
        #expect(eventually { broker.count("nacked") == nacked + 1 })
        #expect(
            eventually {
                publisher.publish([(Shard(1), makeItem(4))])
                return publisher.flush(until: .now + .seconds(20)) && (broker.ready(in: Shard(1)) ?? 0) > 0
            })
        let settled = broker.count("confirmed") + broker.count("nacked")
        #expect(settled == broker.count("published"))
    }

    @Test("Beyond its bounds the publisher drops and counts, and never waits")
    func bounded() throws {
        let broker = try TestBroker(shards: 1)
        var limits = RabbitPublisher.Limits.singly
        limits.waitingItems = 50
        limits.unconfirmed = 10
        let publisher = try broker.makePublisher(limits)
        defer { publisher.stop() }
        for start in 0..<20 { publisher.publish((0..<100).map { (shard, makeItem(start * 100 + $0)) }) }
        #expect(publisher.flush(until: .now + .seconds(20)))
        #expect(broker.count("dropped") > 0)
        #expect(broker.count("dropped") + broker.count("confirmed") == 2_000)
        #expect(broker.ready(in: shard) == broker.count("confirmed"))
    }
}
