import Domain
import Ports
import Telemetry
import Threading

/// Publishes fresh work, persistent and confirmed, over a connection and a thread of its own.
///
/// What cannot be published soon is dropped and counted: while the broker is away or blocks, and beyond the limits.
/// The store hands those items over.
package final class RabbitPublisher: MessagePublisher {
    package struct Limits: Sendable {
        /// Items waiting to be written.
        package var waitingItems = 16_384
        /// Bytes of payload waiting to be written; the item that crosses the line still goes.
        package var waitingBytes = 64 << 20
        /// Messages written and not confirmed.
        package var unconfirmed = 4_096
        /// Events of one shard that travel in one message, at most 64.
        package var messageEvents = 16
        /// The longest that events wait for others to travel with, while at least two a shard are to be expected in
        /// that time; never at gentle rates.
        package var linger = Duration.milliseconds(10)
        /// Events, of all shards together, with which nobody waits any longer.
        package var lingerEvents = 128
        /// How often the line shows that it is alive; a broker silent for twice as long counts as away.
        package var heartbeat = Duration.seconds(10)

        package init() {}

        /// What the platform's limits say of it.
        package init(_ limits: Domain.Limits) {
            messageEvents = limits.messageEvents
            linger = limits.publishLinger
            lingerEvents = limits.publishLingerEvents
        }
    }

    private let core: PublisherCore

    package init(
        brokers: BrokerAddresses, topology: Topology, limits: Limits = Limits(), metrics: Metrics = .shared
    ) {
        core = PublisherCore(
            brokers: brokers, topology: topology, limits: limits, metrics: BrokerMetrics(metrics))
    }

    /// Starts connecting, and goes on trying until `stop`. Once.
    package func start() {
        core.thread.start("broker-publish") { [core] in
            var loop = PublisherLoop(core)
            loop.run()
        }
    }

    package func publish(_ items: [(shard: Shard, item: WorkItem)]) {
        let accepted = core.queue.offer(items)
        if accepted < items.count { core.metrics.dropped.add(items.count - accepted) }
        if accepted > 0 { core.thread.wake() }
    }

    package var isConnected: Bool { core.queue.isOpen }

    /// Waits until all that was published before is confirmed. False if the time was up first, or the broker is away.
    package func flush(until deadline: ContinuousClock.Instant) -> Bool {
        let answer = Mailbox<Bool>()
        guard core.flushes.post(answer) else { return false }
        core.thread.wake()
        return answer.takeAll(until: deadline).first ?? false
    }

    /// Ends the connection and the thread; what still waits is dropped. Bounded: about 2 s, and 5 s more if it is
    /// just connecting to a host that does not answer.
    package func stop() { core.thread.stop() }
}

/// What the publisher's thread and its callers share.
struct PublisherCore: Sendable {
    let brokers: BrokerAddresses
    let topology: Topology
    let limits: RabbitPublisher.Limits
    let metrics: BrokerMetrics
    let queue: PublishQueue
    let flushes = Mailbox<Mailbox<Bool>>()
    let thread = BrokerThread()

    init(brokers: BrokerAddresses, topology: Topology, limits: RabbitPublisher.Limits, metrics: BrokerMetrics) {
        self.brokers = brokers
        self.topology = topology
        self.limits = limits
        self.metrics = metrics
        queue = PublishQueue(itemLimit: limits.waitingItems, byteLimit: limits.waitingBytes)
    }
}
