import Domain
import Testing

@testable import RabbitBroker

@Suite("Topology")
struct TopologyTests {
    @Test("Queues are numbered with two digits, routing keys are the bare number")
    func names() {
        let topology = Topology(shardCount: 100)
        #expect(topology.shards.count == 100)
        #expect(topology.queue(of: Shard(7)) == "hooksentry.shard.07")
        #expect(topology.queue(of: Shard(42)) == "hooksentry.shard.42")
        #expect(topology.routingKey(of: Shard(7)) == "7")
    }
}
