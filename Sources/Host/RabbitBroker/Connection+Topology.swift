import CRabbitMQ

extension Connection {
    /// Makes what is missing of the exchange, its queues and the quarantine. Waits, once for each of them. A channel
    /// error says that something of that name is there but of another kind.
    func declare(_ topology: Topology, channel: UInt16) throws(BrokerError) {
        try declareExchange(topology.exchange, channel: channel)
        for shard in topology.shards {
            let queue = topology.queue(of: shard)
            try declareQueue(queue, topology.queueType, channel: channel)
            try bind(queue, to: topology.exchange, key: topology.routingKey(of: shard), channel: channel)
        }
        try declareQueue(topology.quarantineQueue, topology.queueType, channel: channel)
        amqp_maybe_release_buffers_on_channel(state, channel)
    }

    private func declareExchange(_ name: String, channel: UInt16) throws(BrokerError) {
        withBytes(of: name) { name in
            withBytes(of: "direct") { direct in
                _ = amqp_exchange_declare(state, channel, name, direct, 0, 1, 0, 0, amqp_table_t())
            }
        }
        try check(amqp_get_rpc_reply(state), channel: channel, "declaring exchange \(name)")
    }

    private func declareQueue(
        _ name: String, _ type: Topology.QueueType, channel: UInt16
    ) throws(BrokerError) {
        withBytes(of: name) { name in
            withBytes(of: "x-queue-type") { key in
                withBytes(of: type.rawValue) { type in
                    var entry = amqp_table_entry_t(key, text: type)
                    withUnsafeMutablePointer(to: &entry) { entry in
                        let arguments = amqp_table_t(num_entries: 1, entries: entry)
                        _ = amqp_queue_declare(state, channel, name, 0, 1, 0, 0, arguments)
                    }
                }
            }
        }
        try check(amqp_get_rpc_reply(state), channel: channel, "declaring queue \(name)")
    }

    private func bind(_ queue: String, to exchange: String, key: String, channel: UInt16) throws(BrokerError) {
        withBytes(of: queue) { queue in
            withBytes(of: exchange) { exchange in
                withBytes(of: key) { _ = amqp_queue_bind(state, channel, queue, exchange, $0, amqp_table_t()) }
            }
        }
        try check(amqp_get_rpc_reply(state), channel: channel, "binding queue \(queue)")
    }
}

extension amqp_table_entry_t {
    /// Both are borrowed for as long as the entry is used.
    init(_ key: amqp_bytes_t, text: amqp_bytes_t) {
        self.init()
        self.key = key
        value.kind = UInt8(AMQP_FIELD_KIND_UTF8.rawValue)
        value.value.bytes = text
    }
}
