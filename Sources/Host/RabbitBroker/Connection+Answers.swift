import CRabbitMQ

/// The one place where librabbitmq's statuses and replies become errors.
extension Connection {
    func check(_ status: Int32, _ act: String) throws(BrokerError) {
        guard status < 0 else { return }
        throw libraryError(status, act)
    }

    /// channel: the one the call was made on. Answers the broker if it closed that channel instead of complying.
    func check(_ reply: amqp_rpc_reply_t, channel: UInt16 = 0, _ act: String) throws(BrokerError) {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION: try throwServerException(reply.reply, channel, act)
        default: throw libraryError(reply.library_error, act)
        }
    }

    /// Tells the broker that its closing of a channel was heard, which frees the channel's number.
    func confirmClosed(_ channel: UInt16) throws(BrokerError) {
        var closed = amqp_channel_close_ok_t()
        try check(amqp_send_method(state, channel, AMQP_CHANNEL_CLOSE_OK_METHOD, &closed), "closing a channel")
    }

    private func throwServerException(
        _ method: amqp_method_t, _ channel: UInt16, _ act: String
    ) throws(BrokerError) {
        switch InboundFrame(amqp_frame_t(method, on: channel)) {
        case .channelClosed(let code, let sentence):
            try confirmClosed(channel)
            throw BrokerError(scope: .channel, code: code, sentence: "\(act): \(sentence)")
        case .connectionClosed(let code, let sentence):
            throw BrokerError(scope: .connection, code: code, sentence: "\(act): \(sentence)")
        default:
            throw BrokerError(scope: .connection, code: 0, sentence: "\(act): the broker answered out of turn")
        }
    }

    private func libraryError(_ status: Int32, _ act: String) -> BrokerError {
        BrokerError(
            scope: .connection, code: Int(status), sentence: "\(act): \(String(cString: amqp_error_string2(status)))")
    }
}

extension amqp_frame_t {
    fileprivate init(_ method: amqp_method_t, on channel: UInt16) {
        self.init()
        frame_type = UInt8(AMQP_FRAME_METHOD)
        self.channel = channel
        payload.method = method
    }
}
