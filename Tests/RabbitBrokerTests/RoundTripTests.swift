import Domain
import Ports
import TestSupport
import Testing

@testable import RabbitBroker

private let withBroker = Comment("HOOKSENTRY_AMQP_URL names no broker; `scripts/services up` starts one.")

@Suite("Round trip", .enabled(if: TestBroker.url != nil, withBroker))
struct RoundTripTests {
    @Test(
        "10,000 messages are confirmed, come once each and leave nothing behind",
        arguments: Topology.QueueType.allCases)
    func roundTrip(type: Topology.QueueType) throws {
        let broker = try TestBroker(shards: 4, type: type)
        let publisher = try broker.makePublisher()
        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: Set(broker.topology.shards))
        defer {
            publisher.stop()
            consumer.stop()
        }
        let items = (0..<10_000).map { makeItem($0, payload: makePayload(bytes: 200 + $0 % 400)) }
        for start in stride(from: 0, to: items.count, by: 500) {
            publisher.publish(items[start..<start + 500].map { (Shard(of: $0.destinationID, count: 4), $0) })
        }
        // Acknowledged out of order, as settlements come.
        var seen: [EventID: WorkItem] = [:]
        let complete = eventually {
            let deliveries = collector.take()
            for delivery in deliveries {
                #expect(delivery.shard == Shard(of: delivery.item.destinationID, count: 4))
                #expect(!delivery.redelivered)
                #expect(seen.updateValue(delivery.item, forKey: delivery.item.eventID) == nil)
            }
            consumer.acknowledge(deliveries.map(\.receipt).shuffled())
            return seen.count == items.count
        }
        #expect(complete, "\(seen.count) of 10,000 came")
        for item in items { #expect(seen[item.eventID] == item) }
        #expect(publisher.flush(until: .now + .seconds(20)))
        consumer.stop()
        #expect(broker.topology.shards.map { broker.ready(in: $0) } == [0, 0, 0, 0])
        for name in ["published", "confirmed", "consumed", "acknowledged"] {
            #expect(broker.count(name) == 10_000, "\(name)")
        }
        #expect(broker.count("dropped") == 0 && broker.count("nacked") == 0)
    }

    @Test("A message of many frames comes whole")
    func large() throws {
        let broker = try TestBroker(shards: 1)
        let publisher = try broker.makePublisher()
        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: [Shard(0)])
        defer {
            publisher.stop()
            consumer.stop()
        }
        let items = [1 << 20, 131_064, 5, 0].map { makeItem($0, payload: makePayload(bytes: $0)) }
        publisher.publish(items.map { (Shard(0), $0) })
        #expect(eventually { collector.count == items.count })
        #expect(collector.deliveries.map(\.item) == items)
    }

    @Test("Beyond the prefetch nothing comes until something is acknowledged")
    func prefetch() throws {
        let broker = try TestBroker(shards: 1)
        let publisher = try broker.makePublisher(.singly)
        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: [Shard(0)], prefetch: 100)
        defer {
            publisher.stop()
            consumer.stop()
        }
        publisher.publish((0..<300).map { (Shard(0), makeItem($0)) })
        #expect(publisher.flush(until: .now + .seconds(20)))
        #expect(eventually { collector.count == 100 && broker.ready(in: Shard(0)) == 200 })
        consumer.acknowledge(collector.take().suffix(30).map(\.receipt))
        #expect(eventually { collector.count == 30 && broker.ready(in: Shard(0)) == 170 })
    }

    @Test("Events of one shard share a message, which goes when all of them are acknowledged")
    func bundles() throws {
        let broker = try TestBroker(shards: 2)
        let publisher = try broker.makePublisher()
        let items = (0..<40).map { makeItem($0) }
        publisher.publish(items.enumerated().map { (Shard(Int16($0 % 2)), $1) })
        #expect(publisher.flush(until: .now + .seconds(20)))
        publisher.stop()
        // 20 events a shard, 16 to a message.
        #expect(broker.topology.shards.map { broker.ready(in: $0) } == [2, 2])

        let collector = Collector()
        let consumer = try broker.makeConsumer(collector, of: Set(broker.topology.shards))
        #expect(eventually { collector.count == 40 })
        let deliveries = collector.take()
        for shard in broker.topology.shards {
            let own = deliveries.filter { $0.shard == shard }
            #expect(own.map(\.item) == items.enumerated().compactMap { $0 % 2 == shard.number ? $1 : nil })
        }
        let kept = deliveries.first { $0.shard == Shard(0) }?.receipt
        consumer.acknowledge(deliveries.map(\.receipt).filter { $0 != kept })
        consumer.stop()
        #expect(broker.topology.shards.map { broker.ready(in: $0) } == [1, 0])
        #expect(broker.count("acknowledged") == 39)
    }

    @Test("What cannot be encoded is dropped and counted, and a flush does not wait for it")
    func unencodable() throws {
        let broker = try TestBroker(shards: 1)
        let publisher = try broker.makePublisher()
        defer { publisher.stop() }
        var item = makeItem()
        item.contentType = String(repeating: "x", count: 300)
        publisher.publish([(Shard(0), item), (Shard(0), makeItem())])
        #expect(publisher.flush(until: .now + .seconds(20)))
        #expect(broker.count("dropped") == 1 && broker.count("confirmed") == 1)
        #expect(broker.ready(in: Shard(0)) == 1)
    }
}
