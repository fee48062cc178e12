import Telemetry
import Threading

/// The publisher on one connection: writes what waits, reads confirms, keeps the window.
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
    private var body: [UInt8] = []
    private var isBlocked = false
    // Returned messages whose confirm has yet to come; the broker confirms them all the same.
    private var returned = 0
    private var needsRepair = false
    private var repairedAt = ContinuousClock.now

    init(_ core: PublisherCore, _ connection: Connection, channel: UInt16) {
        self.core = core
        self.connection = connection
        self.channel = channel
        window = ConfirmWindow(capacity: core.limits.unconfirmed)
    }

    /// Until the thread is to stop; throws when the connection is of no more use.
    mutating func serve() throws(BrokerError) {
        defer { end() }
        var moreToRead = false
        while !core.thread.isStopping {
            let now = moreToRead || connection.hasBufferedInput
            core.thread.wait(socket: connection.descriptor, atMost: now ? .zero : Connection.readInterval)
            // A flush is for what was published before it, so it is taken before the items are.
            flushes += core.flushes.takeAll(until: .now)
            moreToRead = try read()
            try write()
            if needsRepair { try repair() }
            core.metrics.unconfirmed.set(window.count)
            if isBlocked { answerFlushes(false) }
            if waiting.isEmpty && window.count == 0 { answerFlushes(true) }
        }
    }

    private mutating func read() throws(BrokerError) -> Bool {
        try connection.readFrames(atMost: Self.framesPerTurn) { (_, frame) throws(BrokerError) in
            switch frame {
            case .confirmed(let tag, let multiple, let positive): settle(tag, multiple, positive)
            case .returned:
                returned += 1
                needsRepair = true
                core.metrics.nacked.add()
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
        if waiting.isEmpty && !isBlocked { waiting = core.queue.takeAll()[...] }
        // With a full window, small confirms would make for small writes, which the broker likes least.
        guard !waiting.isEmpty, window.room >= min(waiting.count, window.capacity / 4) else { return }
        let batch = waiting.prefix(window.room)
        waiting = waiting.dropFirst(batch.count)
        // Counted one by one: if a write fails, the rest is the queue's to count when it closes.
        var finished = (items: 0, written: 0, bytes: 0)
        defer {
            core.queue.finished(items: finished.items, bytes: finished.bytes)
            core.metrics.published.add(finished.written)
            core.metrics.dropped.add(finished.items - finished.written)
        }
        try connection.together { () throws(BrokerError) in
            for (shard, item) in batch {
                if MessageCodec.encode(item, into: &body) {
                    try connection.publish(
                        body, to: core.topology.exchange, key: core.topology.routingKey(of: shard), channel: channel)
                    window.published()
                    finished.written += 1
                }
                finished.items += 1
                finished.bytes += item.payload.count
            }
        }
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
        core.metrics.dropped.add(window.count)
        core.metrics.unconfirmed.set(0)
        answerFlushes(false)
    }

    private mutating func answerFlushes(_ answer: Bool) {
        for flush in flushes { flush.post(answer) }
        flushes = []
    }
}
