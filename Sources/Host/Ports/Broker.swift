import Domain

/// Carries fresh work from accept to the owners of its shards. Sendable, never blocks.
package protocol MessagePublisher: Sendable {
    /// Queues the items to be published, persistent and confirmed. Losing them is no error: their rows become due
    /// and the store hands them over. While the broker is away, items are dropped at once.
    func publish(_ items: [(shard: Shard, item: WorkItem)])

    /// False while the broker is known to be away.
    var isConnected: Bool { get }
}

/// One event as it came from the broker, unacknowledged.
package struct BrokerDelivery: Sendable {
    package var shard: Shard
    package var item: WorkItem
    /// It may have been seen before: by a worker that died, or by us before a reconnect.
    package var redelivered: Bool
    package var receipt: Receipt

    package init(shard: Shard, item: WorkItem, redelivered: Bool, receipt: Receipt) {
        self.shard = shard
        self.item = item
        self.redelivered = redelivered
        self.receipt = receipt
    }
}

/// What acknowledges an event. Its message may carry others, and is acknowledged when all of them are. Worthless after
/// the connection it came on is gone; acknowledging then is harmless.
package struct Receipt: Sendable, Hashable {
    package var connection: UInt64
    package var tag: UInt64
    /// Which of the message's events, from 0.
    package var part: UInt8

    package init(connection: UInt64, tag: UInt64, part: UInt8 = 0) {
        self.connection = connection
        self.tag = tag
        self.part = part
    }
}

/// Consumes the shards it is told to, exclusively. Sendable, never blocks.
package protocol MessageConsumer: Sendable {
    /// The shards to consume from now on. For one that is dropped, deliveries stop; its unacknowledged messages can
    /// still be acknowledged and go back to the queue only when `released` is called for it.
    func consume(_ shards: Set<Shard>)

    /// The owner is done with a dropped shard: messages not acknowledged return to the queue for the next owner.
    func release(_ shard: Shard)

    func acknowledge(_ receipts: [Receipt])
}

/// Receives what a consumer gets. Called on the consumer's thread; must not block.
package protocol MessageReceiver: Sendable {
    func received(_ deliveries: [BrokerDelivery])
}
