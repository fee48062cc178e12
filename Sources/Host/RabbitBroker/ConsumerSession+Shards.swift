import CRabbitMQ
import Domain

/// Taking shards up and giving them up. The calls here wait for the broker; before each, what earlier ones set
/// aside is read, for a channel's closing in there would otherwise be waited for in vain.
extension ConsumerSession {
    /// How long after a refusal a shard is asked for again.
    static let retryInterval = Duration.milliseconds(250)

    /// Makes these the shards consumed.
    mutating func follow(_ shards: Set<Shard>) throws(BrokerError) {
        wanted = shards
        for (channel, consumer) in self.shards where !shards.contains(consumer.shard) {
            try giveUp(channel, consumer)
        }
        for shard in shards.sorted() {
            let channel = channel(of: shard)
            switch self.shards[channel]?.phase {
            case .consuming, .ended, .closed: continue
            case .cancelled: try close(channel)
            case nil: break
            }
            try takeUp(shard)
        }
    }

    /// Ends a dropped shard's channel. A shard that is wanted, or was never had, is left alone.
    mutating func release(_ shard: Shard) throws(BrokerError) {
        let channel = channel(of: shard)
        guard shards[channel]?.phase == .cancelled else { return }
        try close(channel)
    }

    /// Takes up again what was refused a while ago or ended by the broker.
    mutating func retry() throws(BrokerError) {
        for (channel, consumer) in shards {
            switch consumer.phase {
            case .closed(let moment) where moment <= .now: try takeUp(consumer.shard)
            case .ended:
                try close(channel)
                // The likely reason is that someone deleted the queue.
                try declareAgain()
                try takeUp(consumer.shard)
            default: continue
            }
        }
    }

    private mutating func takeUp(_ shard: Shard) throws(BrokerError) {
        try readSetAside()
        let channel = channel(of: shard)
        do throws(BrokerError) {
            try connection.open(channel: channel)
            try connection.consume(
                core.topology.queue(of: shard), channel: channel, prefetch: core.prefetch(among: wanted.count))
        } catch {
            guard error.scope == .channel else { throw error }
            return try refused(shard, error)
        }
        let id = nextChannelID
        nextChannelID += 1
        channels[id] = channel
        shards[channel] = ShardConsumer(shard, .consuming, channelID: id)
        log.debug("A shard is consumed.", ["shard": "\(shard.number)"])
    }

    private mutating func refused(_ shard: Shard, _ error: BrokerError) throws(BrokerError) {
        let channel = channel(of: shard)
        if shards[channel] == nil {
            log.info(
                error.isExclusiveUse
                    ? "A shard still has another consumer; it is asked for again." : "A shard cannot be consumed yet.",
                ["shard": "\(shard.number)", "reason": error.sentence])
        }
        if error.code == Int(AMQP_NOT_FOUND) { try declareAgain() }
        shards[channel] = ShardConsumer(shard, .closed(until: .now + Self.retryInterval))
    }

    private mutating func giveUp(_ channel: UInt16, _ consumer: ShardConsumer) throws(BrokerError) {
        switch consumer.phase {
        case .closed: forget(channel)
        case .cancelled: break
        case .ended: shards[channel]!.phase = .cancelled
        case .consuming:
            try readSetAside()
            // That may just have brought the news of its end.
            guard shards[channel]?.phase == .consuming else { break }
            shards[channel]!.phase = .cancelled
            batch.removeAll { $0.shard == consumer.shard }
            try connection.cancel(channel: channel)
        }
    }

    /// Closes a channel and reads what it had still to say, so that its number can be used again.
    private mutating func close(_ channel: UInt16) throws(BrokerError) {
        try readSetAside()
        guard let consumer = shards[channel], consumer.isOpen else { return forget(channel) }
        forget(channel)
        batch.removeAll { $0.shard == consumer.shard }
        try connection.close(channel: channel)
        try readSetAside()
    }

    mutating func forget(_ channel: UInt16) {
        guard let consumer = shards.removeValue(forKey: channel) else { return }
        channels[consumer.channelID] = nil
    }

    private mutating func declareAgain() throws(BrokerError) {
        try connection.declare(core.topology, channel: Self.control)
    }

    private mutating func readSetAside() throws(BrokerError) {
        try connection.readSetAside { (channel, frame) throws(BrokerError) in try handle(channel, frame) }
    }

    private func channel(of shard: Shard) -> UInt16 { Self.control + 1 + UInt16(shard.number) }
}
