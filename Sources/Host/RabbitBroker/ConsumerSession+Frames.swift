import Domain
import Ports

/// What comes in. Nothing here waits for the broker: that would set aside the very frames being read.
extension ConsumerSession {
    mutating func handle(_ channel: UInt16, _ frame: InboundFrame) throws(BrokerError) {
        if channel == Self.control { return try handleControl(frame) }
        // A channel that was closed in the meantime may still have had something to say.
        guard shards[channel] != nil else { return }
        switch frame {
        case .deliver(let tag, let redelivered):
            guard shards[channel]!.ledger.received(tag) else {
                throw BrokerError(scope: .connection, code: 0, sentence: "The broker's delivery tags have a gap.")
            }
            shards[channel]!.incoming = IncomingMessage(tag: tag, redelivered: redelivered)
        case .header(let bodyBytes):
            guard shards[channel]!.incoming?.header(bodyBytes: bodyBytes) == true else { break }
            try complete(channel, UnsafeRawBufferPointer(start: nil, count: 0))
        case .body(let piece): try add(piece, channel)
        case .consumerCancelled: ended(channel)
        case .channelClosed(let code, let sentence): closed(channel, code, sentence)
        default: break
        }
    }

    private mutating func add(_ piece: UnsafeRawBufferPointer, _ channel: UInt16) throws(BrokerError) {
        switch shards[channel]!.incoming?.add(piece) {
        case .whole: try complete(channel, piece)
        case .gathered(let body):
            try body.withUnsafeBufferPointer { (body) throws(BrokerError) in
                try complete(channel, UnsafeRawBufferPointer(body))
            }
        case .tooLong: try complete(channel, nil)
        case .more, nil: break
        }
    }

    /// body: nil if it was too long to be kept.
    private mutating func complete(_ channel: UInt16, _ body: UnsafeRawBufferPointer?) throws(BrokerError) {
        guard let consumer = shards[channel], let message = consumer.incoming else { return }
        shards[channel]!.incoming = nil
        // What comes after a shard was given up stays unacknowledged, and returns to the queue on release.
        guard consumer.phase == .consuming else { return }
        var receipt = Receipt(connection: consumer.channelID, tag: message.tag)
        do throws(MessageFault) {
            guard let body else { throw .tooLong(bytes: message.bodyBytes) }
            let items = try MessageCodec.decode(body)
            shards[channel]!.ledger.holds(items.count, in: message.tag)
            for item in items {
                batch.append(
                    BrokerDelivery(
                        shard: consumer.shard, item: item, redelivered: message.redelivered, receipt: receipt))
                receipt.part += 1
            }
        } catch {
            try moveToQuarantine(body.map { [UInt8]($0) } ?? [], error, receipt, consumer.shard)
        }
    }

    private mutating func ended(_ channel: UInt16) {
        // Given up already: its channel goes on until the release.
        guard shards[channel]?.phase == .consuming else { return }
        shards[channel]!.phase = .ended
        log.warning("The broker ended a consumer.", ["shard": "\(shards[channel]!.shard.number)"])
    }

    private mutating func closed(_ channel: UInt16, _ code: Int, _ sentence: String) {
        guard let consumer = shards[channel] else { return }
        forget(channel)
        log.warning(
            "The broker closed a shard's channel.",
            ["shard": "\(consumer.shard.number)", "code": "\(code)", "reason": sentence])
        guard wanted.contains(consumer.shard) else { return }
        shards[channel] = ShardConsumer(consumer.shard, .closed(until: .now + Self.retryInterval))
    }
}
