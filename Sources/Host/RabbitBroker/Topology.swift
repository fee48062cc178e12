import Domain

/// The names and kinds of what the broker holds for the platform. Whoever connects declares all of it.
package struct Topology: Sendable, Equatable {
    /// How the broker keeps a queue: on one node, or replicated by a quorum of nodes.
    package enum QueueType: String, Sendable, CaseIterable { case classic, quorum }

    /// The direct exchange that fresh work is published to.
    package var exchange: String
    /// In front of the shard's two-digit number.
    package var queuePrefix: String
    package var shardCount: Int16
    package var queueType: QueueType
    /// Where messages go that nobody can read.
    package var quarantineQueue: String

    package init(
        exchange: String = "hooksentry.deliveries", queuePrefix: String = "hooksentry.shard.", shardCount: Int16 = 16,
        queueType: QueueType = .classic, quarantineQueue: String = "hooksentry.quarantine"
    ) {
        self.exchange = exchange
        self.queuePrefix = queuePrefix
        self.shardCount = shardCount
        self.queueType = queueType
        self.quarantineQueue = quarantineQueue
    }

    package var shards: [Shard] { (0..<shardCount).map { Shard($0) } }

    package func queue(of shard: Shard) -> String {
        queuePrefix + (shard.number < 10 ? "0" : "") + String(shard.number)
    }

    package func routingKey(of shard: Shard) -> String { String(shard.number) }
}
