import Domain
import Glibc
import Telemetry
import Testing

@testable import RabbitBroker

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
        let publisher = RabbitPublisher(
            brokers: try BrokerAddresses("amqp://127.0.0.1:\(port)"), topology: Topology(shardCount: 1),
            metrics: metrics)
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
        let brokers = try BrokerAddresses("amqp://127.0.0.1:\(listener.port)")
        let topology = Topology(shardCount: 1)
        let publisher = RabbitPublisher(brokers: brokers, topology: topology, metrics: Metrics())
        let consumer = RabbitConsumer(
            brokers: brokers, topology: topology, receiver: Collector(), metrics: Metrics())
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
