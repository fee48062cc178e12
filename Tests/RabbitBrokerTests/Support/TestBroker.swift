import CRabbitMQ
import Domain
import Foundation
import Ports
import Telemetry
import TestSupport
import Testing

@testable import RabbitBroker

/// A part of a real broker for one test: names of its own, which are removed at the end.
final class TestBroker {
    static var url: String? { ProcessInfo.processInfo.environment["HOOKSENTRY_AMQP_URL"] }

    let url: String
    let topology: Topology
    let metrics = Metrics()
    private let admin: Connection
    private let lifeline = Lifeline()

    init(url: String? = TestBroker.url, shards: Int16 = 2, type: Topology.QueueType = .classic) throws {
        let name = "test-\(UUID().uuidString.lowercased())"
        self.url = try #require(url)
        topology = Topology(
            exchange: "\(name).deliveries", queuePrefix: "\(name).shard.", shardCount: shards, queueType: type,
            quarantineQueue: "\(name).quarantine")
        admin = try Connection(
            to: try BrokerURL(self.url), name: "test", limits: Connection.Limits(), lifeline: lifeline)
        try admin.open(channel: 1)
        try admin.declare(topology, channel: 1)
    }

    deinit {
        for queue in topology.shards.map(topology.queue(of:)) + [topology.quarantineQueue] { delete(queue: queue) }
        withBytes(of: topology.exchange) { _ = amqp_exchange_delete(admin.state, 1, $0, 0) }
        admin.close()
    }

    func makePublisher(_ limits: RabbitPublisher.Limits = .init()) throws -> RabbitPublisher {
        let publisher = RabbitPublisher(
            brokers: try BrokerAddresses(url), topology: topology, limits: limits, metrics: metrics)
        publisher.start()
        try #require(eventually { publisher.isConnected })
        return publisher
    }

    func makeConsumer(
        _ receiver: Collector, of shards: Set<Shard>, prefetch: Int = 1_024, heartbeat: Duration = .seconds(10),
        metrics: Metrics? = nil
    ) throws -> RabbitConsumer {
        let consumer = RabbitConsumer(
            brokers: try BrokerAddresses(url), topology: topology, prefetch: prefetch, heartbeat: heartbeat,
            receiver: receiver, metrics: metrics ?? self.metrics)
        consumer.consume(shards)
        consumer.start()
        return consumer
    }

    /// Messages that no consumer has; nil if the queue is not there.
    func ready(in queue: String) -> Int? { look(at: queue)?.ready }

    func ready(in shard: Shard) -> Int? { ready(in: topology.queue(of: shard)) }

    func hasConsumer(_ shard: Shard) -> Bool { (look(at: topology.queue(of: shard))?.consumers ?? 0) > 0 }

    private func look(at queue: String) -> (ready: Int, consumers: Int)? {
        let counts = withBytes(of: queue) { name in
            amqp_queue_declare(admin.state, 1, name, 1, 0, 0, 0, amqp_table_t()).map {
                (ready: Int($0.pointee.message_count), consumers: Int($0.pointee.consumer_count))
            }
        }
        // The broker closes the channel of whoever asks for a queue that is not there.
        let reply = amqp_get_rpc_reply(admin.state)
        do { try admin.check(reply, channel: 1, "looking") } catch { try? admin.open(channel: 1) }
        return counts
    }

    /// Puts bytes of any kind into a shard's queue.
    func publish(raw body: [UInt8], to shard: Shard) throws {
        try admin.publish(body[...], to: topology.exchange, key: topology.routingKey(of: shard), channel: 1)
    }

    func delete(queue: String) { withBytes(of: queue) { _ = amqp_queue_delete(admin.state, 1, $0, 0, 0) } }

    func count(_ name: String, labels: KeyValuePairs<String, String> = [:]) -> Int {
        Int(metrics.counter("hooksentry_broker_\(name)_total", help: "", labels: labels).value)
    }
}

extension RabbitPublisher.Limits {
    /// One event a message, for tests that count messages.
    static var singly: Self {
        var limits = Self()
        limits.messageEvents = 1
        return limits
    }
}
