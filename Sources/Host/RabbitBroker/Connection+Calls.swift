import CRabbitMQ

/// The calls of AMQP that are used here. Those that wait for the broker say so.
extension Connection {
    /// Waits.
    func open(channel: UInt16) throws(BrokerError) {
        amqp_channel_open(state, channel)
        try check(amqp_get_rpc_reply(state), channel: channel, "opening a channel")
    }

    /// Waits. What is unacknowledged on the channel returns to its queue.
    func close(channel: UInt16) throws(BrokerError) {
        try check(amqp_channel_close(state, channel, AMQP_REPLY_SUCCESS), channel: channel, "closing a channel")
        amqp_maybe_release_buffers_on_channel(state, channel)
    }

    /// Waits. From now on the broker confirms what is published on the channel, with tags from 1.
    func confirm(channel: UInt16) throws(BrokerError) {
        amqp_confirm_select(state, channel)
        try check(amqp_get_rpc_reply(state), channel: channel, "asking for confirms")
    }

    /// Waits. Consumes for itself alone; refused with a channel error while another consumer is there.
    /// prefetch: how many may be unacknowledged at a time.
    func consume(_ queue: String, channel: UInt16, prefetch: UInt16) throws(BrokerError) {
        amqp_basic_qos(state, channel, 0, prefetch, 0)
        try check(amqp_get_rpc_reply(state), channel: channel, "setting the prefetch")
        withBytes(of: queue) { queue in
            withBytes(of: Self.consumerTag) { tag in
                _ = amqp_basic_consume(state, channel, queue, tag, 0, 0, 1, amqp_table_t())
            }
        }
        try check(amqp_get_rpc_reply(state), channel: channel, "consuming \(queue)")
    }

    /// Waits. Deliveries sent before the broker heard of it still come.
    func cancel(channel: UInt16) throws(BrokerError) {
        withBytes(of: Self.consumerTag) { _ = amqp_basic_cancel(state, channel, $0) }
        try check(amqp_get_rpc_reply(state), channel: channel, "ending a consumer")
    }

    /// Persistent; comes back as `returned` if no queue is bound for the key.
    func publish(
        _ body: ArraySlice<UInt8>, to exchange: String, key: String, channel: UInt16, headers: amqp_table_t? = nil
    ) throws(BrokerError) {
        var properties = amqp_basic_properties_t()
        properties._flags = amqp_flags_t(AMQP_BASIC_DELIVERY_MODE_FLAG)
        properties.delivery_mode = UInt8(AMQP_DELIVERY_PERSISTENT.rawValue)
        if let headers {
            properties._flags |= amqp_flags_t(AMQP_BASIC_HEADERS_FLAG)
            properties.headers = headers
        }
        let status = body.withUnsafeBytes { body in
            withBytes(of: exchange) { exchange in
                withBytes(of: key) { key in
                    let bytes = UnsafeMutableRawPointer(mutating: body.baseAddress)
                    return amqp_basic_publish(
                        state, channel, exchange, key, 1, 0, &properties, amqp_bytes_t(len: body.count, bytes: bytes))
                }
            }
        }
        try check(status, "publishing")
    }

    func acknowledge(_ tag: UInt64, multiple: Bool, channel: UInt16) throws(BrokerError) {
        try check(amqp_basic_ack(state, channel, tag, multiple ? 1 : 0), "acknowledging")
    }

    // Consumer tags are a channel's own, and each channel has one consumer.
    private static let consumerTag = "shard"
}
