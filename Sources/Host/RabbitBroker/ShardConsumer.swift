import Domain

/// One shard on one connection: its channel, how far it is, and what is unacknowledged on it.
struct ShardConsumer {
    enum Phase: Equatable {
        /// No channel: it was refused, or closed by the broker. To be tried again at that moment.
        case closed(until: ContinuousClock.Instant)
        case consuming
        /// The broker ended the consumer; the channel is still open.
        case ended
        /// Given up by us; what was delivered can still be acknowledged.
        case cancelled
    }

    let shard: Shard
    var phase: Phase
    /// Unlike the channel's number never used again: what receipts name.
    var channelID: UInt64 = 0
    var ledger = AckLedger()
    /// The message whose header and body are still coming.
    var incoming: IncomingMessage?

    init(_ shard: Shard, _ phase: Phase, channelID: UInt64 = 0) {
        self.shard = shard
        self.phase = phase
        self.channelID = channelID
    }

    var isOpen: Bool {
        if case .closed = phase { false } else { true }
    }
}
