import Domain
import Telemetry
import Threading

/// The publisher on one connection: bundles and writes what waits, reads confirms, keeps the window.
struct PublisherSession {
    /// Frames read before the next look at what waits.
    private static let framesPerTurn = 1_024
    /// A missing queue is declared again at most this often.
    private static let repairInterval = Duration.seconds(1)

    private let core: PublisherCore
    private let connection: Connection
    private let channel: UInt16
    private let log = Log("broker")
    private var window: ConfirmWindow
    private var waiting: ArraySlice<PublishQueue.Entry> = []
    private var flushes: [Mailbox<Bool>] = []
    // By the shard's number; empty between two turns.
    private var bundles: [Bundle]
    private let linger: LingerPolicy
    private var rate = ArrivalRate()
    private var lastTaken = ContinuousClock.now
    private var isBlocked = false
    // Events of returned messages whose confirm has yet to come; the broker confirms them all the same.
    private var returned = 0
    // A returned message's body is still coming.
    private var isReturning = false
    private var needsRepair = false
    private var repairedAt = ContinuousClock.now

    init(_ core: PublisherCore, _ connection: Connection, channel: UInt16) {
        self.core = core
        self.connection = connection
        self.channel = channel
        window = ConfirmWindow(capacity: core.limits.unconfirmed)
        let shards = Int(core.topology.shardCount)
        bundles = [Bundle](repeating: Bundle(), count: shards)
        linger = LingerPolicy(
            longest: core.limits.linger, enough: core.limits.lingerEvents, companyMin: Double(2 * shards))
    }

    /// Until the thread is to stop; throws when the connection is of no more use.
    mutating func serve() throws(BrokerError) {
        defer { end() }
        var moreToRead = false
        while !core.thread.isStopping {
            let now = moreToRead || connection.hasBufferedInput
            core.thread.wait(socket: connection.descriptor, atMost: now ? .zero : Connection.readInterval)
            gather()
            // A flush is for what was published before it, so it is taken before the items are.
            flushes += core.flushes.takeAll(until: .now)
            moreToRead = try read()
            try write()
            if needsRepair { try repair() }
            core.metrics.unconfirmed.set(window.events)
            if isBlocked { answerFlushes(false) }
            if waiting.isEmpty && window.isEmpty { answerFlushes(true) }
        }
    }

    /// Takes what was offered, after a wait for company if there is much to be expected.
    private mutating func gather() {
        guard waiting.isEmpty, !isBlocked else { return }
        var taken = core.queue.takeAll()
        guard !taken.isEmpty else { return }
        let now = ContinuousClock.now
        rate.arrived(taken.count, in: now - lastTaken)
        lastTaken = now
        let pause = linger.linger(waiting: taken.count, rate: rate.perSecond)
        if pause > .zero {
            core.thread.pause(atMost: pause)
            let more = core.queue.takeAll()
            lastTaken = .now
            rate.arrived(more.count, in: lastTaken - now)
            taken += more
        }
        waiting = taken[...]
    }

    private mutating func read() throws(BrokerError) -> Bool {
        try connection.readFrames(atMost: Self.framesPerTurn) { (_, frame) throws(BrokerError) in
            switch frame {
            case .confirmed(let tag, let multiple, let positive): settle(tag, multiple, positive)
            case .returned:
                isReturning = true
                needsRepair = true
            case .body(let piece) where isReturning:
                // A message of several events is never more than one piece.
                isReturning = false
                let events = (try? MessageCodec.decode(piece).count) ?? 1
                returned += events
                core.metrics.nacked.add(events)
            case .blocked(let reason): block(reason)
            case .unblocked: unblock()
            case .channelClosed(let code, let sentence):
                throw BrokerError(scope: .connection, code: code, sentence: sentence)
            default: break
            }
        }
    }

    private mutating func settle(_ tag: UInt64, _ multiple: Bool, _ positive: Bool) {
        let settled = window.settled(tag, multiple: multiple)
        let unroutable = min(returned, settled)
        returned -= unroutable
        (positive ? core.metrics.confirmed : core.metrics.nacked).add(settled - unroutable)
    }

    private mutating func write() throws(BrokerError) {
        // With a full window, small confirms would make for small writes, which the broker likes least.
        guard !waiting.isEmpty, window.room >= min(waiting.count, window.capacity / 4) else { return }
        // At worst, each item is a message.
        let batch = waiting.prefix(window.room)
        waiting = waiting.dropFirst(batch.count)
        try connection.together { () throws(BrokerError) in
            for (shard, item) in batch {
                let place = Int(shard.number)
                if !bundles[place].hasRoom(for: item, limit: core.limits.messageEvents) { try publish(shard) }
                guard !bundles[place].add(item) else { continue }
                core.queue.finished(items: 1, bytes: item.payload.count)
                core.metrics.dropped.add()
            }
            for shard in core.topology.shards where bundles[Int(shard.number)].events > 0 { try publish(shard) }
        }
    }

    /// If the write fails, the bundle's items are the queue's to count when it closes.
    private mutating func publish(_ shard: Shard) throws(BrokerError) {
        let place = Int(shard.number)
        try connection.publish(
            bundles[place].message, to: core.topology.exchange, key: core.topology.routingKey(of: shard),
            channel: channel)
        window.published(bundles[place].events)
        core.queue.finished(items: bundles[place].events, bytes: bundles[place].payloadBytes)
        core.metrics.published.add(bundles[place].events)
        core.metrics.messageEvents.observe(Double(bundles[place].events))
        bundles[place].removeAll()
    }

    /// The queues were deleted under us: make them again.
    private mutating func repair() throws(BrokerError) {
        guard .now - repairedAt >= Self.repairInterval else { return }
        needsRepair = false
        repairedAt = .now
        log.warning("A message found no queue; the topology is declared again.")
        try connection.declare(core.topology, channel: channel)
    }

    private mutating func block(_ reason: String) {
        isBlocked = true
        waiting = []
        core.metrics.publisherConnected.set(0)
        core.metrics.dropped.add(core.queue.close())
        log.warning("The broker blocks publishing; the store hands work over meanwhile.", ["reason": reason])
    }

    private mutating func unblock() {
        isBlocked = false
        core.queue.open()
        core.metrics.publisherConnected.set(1)
        log.info("The broker takes messages again.")
    }

    private mutating func end() {
        // The items that still wait are counted by the queue when it closes.
        core.metrics.dropped.add(window.events)
        core.metrics.unconfirmed.set(0)
        answerFlushes(false)
    }

    private mutating func answerFlushes(_ answer: Bool) {
        for flush in flushes { flush.post(answer) }
        flushes = []
    }
}
