import Domain
import Ports
import Telemetry
import Threading

/// Consumes shards exclusively, over a connection and a thread of its own, one channel for each shard.
///
/// A shard given up and wanted again before it was released starts anew: what was unacknowledged comes once more,
/// as it does after a reconnect, marked as redelivered and with another receipt.
package final class RabbitConsumer: MessageConsumer {
    private let core: ConsumerCore

    /// prefetch: messages that may be unacknowledged in all; each shard gets its
    /// part when it is taken up, at least 64. heartbeat: how often the line shows that it is alive; a broker silent
    /// for twice as long counts as away. receiver: called on the consumer's thread.
    package init(
        brokers: BrokerAddresses, topology: Topology, prefetch: Int = 1_024, heartbeat: Duration = .seconds(10),
        receiver: any MessageReceiver, metrics: Metrics = .shared
    ) {
        core = ConsumerCore(
            brokers: brokers, topology: topology, prefetch: prefetch, heartbeat: heartbeat, receiver: receiver,
            metrics: BrokerMetrics(metrics))
    }

    /// Starts connecting, and goes on trying until `stop`. Once.
    package func start() {
        core.thread.start("broker-consume") { [core] in
            var loop = ConsumerLoop(core)
            loop.run()
        }
    }

    /// False while the broker is known to be away.
    package var isConnected: Bool { core.metrics.consumerConnected.value == 1 }

    package func consume(_ shards: Set<Shard>) { tell(.consume(shards)) }

    package func release(_ shard: Shard) { tell(.release(shard)) }

    package func acknowledge(_ receipts: [Receipt]) {
        guard !receipts.isEmpty else { return }
        tell(.acknowledge(receipts))
    }

    /// Sends the acknowledgements posted before, then ends the connection and the thread; what is unacknowledged
    /// returns to its queues. Bounded as the publisher's.
    package func stop() { core.thread.stop() }

    private func tell(_ command: ConsumerCommand) {
        core.commands.post(command)
        core.thread.wake()
    }
}

/// What others ask of the consumer's thread, in their order.
enum ConsumerCommand: Sendable {
    case consume(Set<Shard>)
    case release(Shard)
    case acknowledge([Receipt])
}

/// What the consumer's thread and its callers share.
struct ConsumerCore: Sendable {
    let brokers: BrokerAddresses
    let topology: Topology
    let prefetch: Int
    let heartbeat: Duration
    let receiver: any MessageReceiver
    let metrics: BrokerMetrics
    // Bounded by its posters: acknowledgements by the prefetch, the rest by the pace of leases.
    let commands = Mailbox<ConsumerCommand>()
    let thread = BrokerThread()

    /// Of one shard among this many: an equal part, but enough to keep the line busy.
    func prefetch(among shards: Int) -> UInt16 { UInt16(clamping: max(64, prefetch / max(1, shards))) }
}
