import Domain
import Glibc
import Ports
import Telemetry
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
        var limits = RabbitPublisher.Limits()
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

@Suite("A broker that is not there")
struct AbsentBrokerTests {
    /// Takes connections into its backlog and never says a word.
    private final class SilentListener {
        let descriptor: Int32
        let port: UInt16

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let listener = descriptor
            let bound = withUnsafeMutablePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, length) == 0 && listen(listener, 8) == 0
                        && getsockname(listener, $0, &length) == 0
                }
            }
            try #require(bound)
            port = UInt16(bigEndian: address.sin_port)
        }

        deinit { close(descriptor) }
    }

    @Test("Items are dropped at once while the broker is away")
    func away() throws {
        let metrics = Metrics()
        let port = try SilentListener().port
        let publisher = try RabbitPublisher(
            url: "amqp://127.0.0.1:\(port)", topology: Topology(shardCount: 1), metrics: metrics)
        publisher.start()
        #expect(!publisher.isConnected)
        publisher.publish((0..<10).map { (Shard(0), makeItem($0)) })
        #expect(metrics.counter("hooksentry_broker_dropped_total", help: "").value == 10)
        #expect(!publisher.flush(until: .now + .seconds(10)))
        publisher.stop()
    }

    @Test("A broker that accepts and says nothing does not keep anyone from stopping")
    func silent() throws {
        let listener = try SilentListener()
        let url = "amqp://127.0.0.1:\(listener.port)"
        let topology = Topology(shardCount: 1)
        let publisher = try RabbitPublisher(url: url, topology: topology, metrics: Metrics())
        let consumer = try RabbitConsumer(url: url, topology: topology, receiver: Collector(), metrics: Metrics())
        publisher.start()
        consumer.start()
        // Both have connected and wait for an answer once their greeting is in the backlog's sockets.
        var accepted: [Int32] = []
        defer { for socket in accepted { close(socket) } }
        for _ in 0..<2 {
            let socket = accept(listener.descriptor, nil, nil)
            accepted.append(socket)
            var greeting = [UInt8](repeating: 0, count: 8)
            #expect(recv(socket, &greeting, 8, Int32(MSG_WAITALL)) == 8)
            #expect(greeting.starts(with: Array("AMQP".utf8)))
        }
        let start = ContinuousClock.now
        publisher.stop()
        consumer.stop()
        #expect(ContinuousClock.now - start < .seconds(8))
    }
}
