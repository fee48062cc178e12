import Domain
import Ports
import Synchronization
import TestSupport
import Testing

@testable import RabbitBroker

private let withBroker = Comment("HOOKSENTRY_AMQP_URL names no broker, so none is started to be killed either.")

/// One node for all of it, since starting one takes seconds.
@Suite("A broker that dies", .enabled(if: TestBroker.url != nil, withBroker))
struct OutageTests {
    /// Publisher, consumer and what came, acknowledged as it comes.
    private final class Line {
        let broker: TestBroker
        let publisher: RabbitPublisher
        let consumer: RabbitConsumer
        private let collector = Collector()
        private var seen: Set<EventID> = []
        private var next = 0
        var offered: Int { next }

        init(_ broker: TestBroker) throws {
            self.broker = broker
            var limits = RabbitPublisher.Limits()
            limits.heartbeat = .seconds(2)
            publisher = try broker.makePublisher(limits)
            consumer = try broker.makeConsumer(collector, of: Set(broker.topology.shards), heartbeat: .seconds(2))
        }

        func publish(_ count: Int) {
            publisher.publish((next..<next + count).map { (Shard(Int16($0 % 2)), makeItem($0)) })
            next += count
        }

        /// How many different items have come so far.
        var received: Int {
            let deliveries = collector.take()
            seen.formUnion(deliveries.map(\.item.eventID))
            consumer.acknowledge(deliveries.map(\.receipt))
            return seen.count
        }

        var isConnected: Bool { publisher.isConnected && consumerIsConnected }
        var isAway: Bool { !publisher.isConnected && !consumerIsConnected }

        private var consumerIsConnected: Bool {
            broker.metrics.gauge("hooksentry_broker_connected", help: "", labels: ["role": "consumer"]).value == 1
        }

        /// Publishes until something comes through from end to end.
        func flows() -> Bool {
            let before = received
            return eventually(within: .seconds(30)) {
                publish(1)
                return publisher.flush(until: .now + .seconds(10)) && received > before
            }
        }

        func stop() {
            publisher.stop()
            consumer.stop()
        }
    }

    @Test("Killed, wiped, out of memory or frozen: both recover, nothing confirmed is lost, the rest is counted")
    func outages() throws {
        let node = try PrivateNode()
        let line = try Line(try TestBroker(url: node.url))
        defer { line.stop() }
        try killed(node, line)
        try wiped(node, line)
        try blocked(node, line)
        try frozen(node, line)
        // Everything that was ever offered is accounted for.
        let broker = line.broker
        #expect(line.publisher.flush(until: .now + .seconds(20)))
        #expect(broker.count("confirmed") + broker.count("nacked") + broker.count("dropped") == line.offered)
    }

    private func killed(_ node: PrivateNode, _ line: Line) throws {
        for _ in 0..<20 { line.publish(100) }
        #expect(eventually { line.received > 500 })
        // In full flow: the last of these are in no state at all when the node dies.
        for _ in 0..<50 { line.publish(100) }
        try node.kill()
        #expect(eventually { line.isAway })
        let dropped = line.broker.count("dropped")
        let confirmed = line.broker.count("confirmed")
        #expect(confirmed + dropped == line.offered)
        line.publish(50)
        #expect(line.broker.count("dropped") == dropped + 50)
        try node.start()
        #expect(eventually(within: .seconds(30)) { line.isConnected })
        #expect(eventually { line.received >= confirmed })
        #expect(line.flows())
    }

    private func wiped(_ node: PrivateNode, _ line: Line) throws {
        try node.wipe()
        #expect(eventually { !line.publisher.isConnected })
        try node.start()
        #expect(line.flows())
    }

    /// Its sockets stay open, so only the missing heartbeats tell.
    private func frozen(_ node: PrivateNode, _ line: Line) throws {
        try node.freeze(true)
        line.publish(500)
        #expect(eventually { line.isAway })
        try node.freeze(false)
        #expect(line.flows())
    }

    private func blocked(_ node: PrivateNode, _ line: Line) throws {
        try node.alarm(true)
        #expect(
            eventually {
                line.publish(1)
                return !line.publisher.isConnected
            })
        let dropped = line.broker.count("dropped")
        let start = ContinuousClock.now
        for _ in 0..<10 { line.publish(100) }
        #expect(ContinuousClock.now - start < .seconds(1))
        #expect(line.broker.count("dropped") == dropped + 1_000)
        #expect(!line.publisher.flush(until: .now + .seconds(10)))
        try node.alarm(false)
        #expect(eventually { line.publisher.isConnected })
        #expect(line.flows())
    }
}
