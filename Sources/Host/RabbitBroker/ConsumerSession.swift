import Domain
import Ports
import Telemetry

/// The consumer on one connection: keeps the channels of the wanted shards, hands deliveries on, acknowledges.
struct ConsumerSession {
    /// The channel for the topology and the quarantine; shards have those from 2.
    static let control: UInt16 = 1
    /// Frames read before what they brought is handed on; a message is three or more.
    private static let framesPerTurn = 1_536

    let core: ConsumerCore
    let connection: Connection
    let log = Log("broker")
    var wanted: Set<Shard>
    var nextChannelID: UInt64
    /// By channel number.
    var shards: [UInt16: ShardConsumer] = [:]
    var channels: [UInt64: UInt16] = [:]
    var batch: [BrokerDelivery] = []
    var quarantine = Quarantine()

    init(_ core: ConsumerCore, _ connection: Connection, wanted: Set<Shard>, nextChannelID: UInt64) {
        self.core = core
        self.connection = connection
        self.wanted = wanted
        self.nextChannelID = nextChannelID
    }

    /// Until the thread is to stop; throws when the connection is of no more use.
    mutating func serve() throws(BrokerError) {
        try follow(wanted)
        var moreToRead = false
        while !core.thread.isStopping {
            let wait = moreToRead || connection.hasBufferedInput ? .zero : timeToRetry()
            core.thread.wait(socket: connection.descriptor, atMost: wait)
            try obey()
            try retry()
            moreToRead = try connection.readFrames(atMost: Self.framesPerTurn) {
                (channel, frame) throws(BrokerError) in try handle(channel, frame)
            }
            try settleQuarantined()
            handOn()
        }
        try obey()
    }

    /// Gives the receiver what has gathered, in one call.
    private mutating func handOn() {
        guard !batch.isEmpty else { return }
        core.metrics.consumed.add(batch.count)
        core.receiver.received(batch)
        batch.removeAll(keepingCapacity: true)
    }

    private mutating func obey() throws(BrokerError) {
        for command in core.commands.takeAll(until: .now) {
            switch command {
            case .consume(let shards): try follow(shards)
            case .release(let shard): try release(shard)
            case .acknowledge(let receipts): try acknowledge(receipts)
            }
        }
    }

    mutating func acknowledge(_ receipts: [Receipt]) throws(BrokerError) {
        var parts: [UInt16: [AckLedger.Part]] = [:]
        for receipt in receipts {
            guard let channel = channels[receipt.connection] else { continue }
            parts[channel, default: []].append(AckLedger.Part(tag: receipt.tag, index: receipt.part))
        }
        var settled = 0
        defer { core.metrics.acknowledged.add(settled) }
        try connection.together { () throws(BrokerError) in
            for (channel, parts) in parts {
                guard let answer = shards[channel]?.ledger.acknowledge(parts) else { continue }
                settled += answer.settled
                for command in answer.commands {
                    try connection.acknowledge(command.tag, multiple: command.multiple, channel: channel)
                }
            }
        }
    }

    /// Until the first refused shard is to be tried again.
    private func timeToRetry() -> Duration {
        var wait = Connection.readInterval
        for shard in shards.values {
            if case .closed(let moment) = shard.phase { wait = min(wait, moment - .now) }
            if case .ended = shard.phase { return .zero }
        }
        return wait
    }
}
