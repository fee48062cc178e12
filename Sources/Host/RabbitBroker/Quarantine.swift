import CRabbitMQ
import Domain
import Glibc
import Ports

/// The unreadable messages on their way to the quarantine. Each is acknowledged only when its copy is confirmed there.
struct Quarantine {
    private(set) var published: UInt64 = 0
    // By the copy's tag.
    private var unconfirmed: [UInt64: Receipt] = [:]
    /// Since the last line in the log, and why the latest of them.
    var unlogged: (count: Int, reason: String) = (0, "")
    /// Originals whose copies are confirmed.
    var settled: [Receipt] = []

    mutating func sent(_ original: Receipt, because fault: MessageFault) {
        published += 1
        unconfirmed[published] = original
        unlogged = (unlogged.count + 1, fault.description)
    }

    mutating func confirmed(_ tag: UInt64, multiple: Bool, positive: Bool) {
        let tags = multiple ? unconfirmed.keys.filter { $0 <= tag } : [tag]
        for tag in tags {
            guard let original = unconfirmed.removeValue(forKey: tag) else { continue }
            // A refused copy leaves its original unacknowledged: it comes again on the next connection.
            if positive { settled.append(original) }
        }
    }
}

extension ConsumerSession {
    /// body: empty if it was too long to be kept.
    mutating func moveToQuarantine(
        _ body: [UInt8], _ fault: MessageFault, _ original: Receipt, _ shard: Shard
    ) throws(BrokerError) {
        try withHeaders(["reason": fault.description, "queue": core.topology.queue(of: shard)]) {
            (headers) throws(BrokerError) in
            try connection.publish(
                body[...], to: "", key: core.topology.quarantineQueue, channel: Self.control, headers: headers)
        }
        quarantine.sent(original, because: fault)
    }

    mutating func handleControl(_ frame: InboundFrame) throws(BrokerError) {
        switch frame {
        case .confirmed(let tag, let multiple, let positive):
            quarantine.confirmed(tag, multiple: multiple, positive: positive)
        case .returned:
            throw BrokerError(scope: .connection, code: 0, sentence: "The quarantine's queue is gone.")
        case .channelClosed(let code, let sentence):
            throw BrokerError(scope: .connection, code: code, sentence: sentence)
        default: break
        }
    }

    /// Acknowledges the originals of confirmed copies, and says what was moved, in one line a turn.
    mutating func settleQuarantined() throws(BrokerError) {
        if quarantine.unlogged.count > 0 {
            log.warning(
                "Unreadable messages are moved to the quarantine.",
                [
                    "count": "\(quarantine.unlogged.count)", "queue": core.topology.quarantineQueue,
                    "reason": quarantine.unlogged.reason,
                ])
            quarantine.unlogged = (0, "")
        }
        guard !quarantine.settled.isEmpty else { return }
        let settled = quarantine.settled
        quarantine.settled = []
        core.metrics.quarantined.add(settled.count)
        try acknowledge(settled)
    }

    /// Lends a table of texts, which is valid until `body` returns.
    private func withHeaders(
        _ headers: KeyValuePairs<String, String>, _ body: (amqp_table_t) throws(BrokerError) -> Void
    ) throws(BrokerError) {
        // Zero-terminated copies, for the table is an array of structs that point to texts, which nests no closures.
        let texts = headers.map { (strdup($0.key), strdup($0.value)) }
        defer { for (key, value) in texts { free(key); free(value) } }
        var entries = texts.map { amqp_table_entry_t(amqp_cstring_bytes($0), text: amqp_cstring_bytes($1)) }
        try entries.withUnsafeMutableBufferPointer { (entries) throws(BrokerError) in
            try body(amqp_table_t(num_entries: Int32(entries.count), entries: entries.baseAddress))
        }
    }
}
