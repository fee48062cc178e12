import CRabbitMQ

/// What the broker says without being asked, as far as it means something here.
enum InboundFrame {
    /// The broker took the message published with this tag (positive), or could not.
    case confirmed(tag: UInt64, multiple: Bool, positive: Bool)
    /// A message that no queue wanted; its header and body follow.
    case returned
    case deliver(tag: UInt64, redelivered: Bool)
    case header(bodyBytes: UInt64)
    /// Borrowed until the frame's handler returns.
    case body(UnsafeRawBufferPointer)
    /// The broker ended the consumer, because its queue was deleted or moved.
    case consumerCancelled
    case channelClosed(code: Int, sentence: String)
    case connectionClosed(code: Int, sentence: String)
    /// The broker reads no more of what is published, for want of memory or disk.
    case blocked(reason: String)
    case unblocked
    case other

    init(_ frame: amqp_frame_t) {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD: self = Self(method: frame.payload.method)
        case AMQP_FRAME_HEADER: self = .header(bodyBytes: frame.payload.properties.body_size)
        case AMQP_FRAME_BODY: self = .body(frame.payload.body_fragment.borrowed)
        default: self = .other
        }
    }

    private init(method: amqp_method_t) {
        // Methods without arguments come with a struct all the same, so `decoded` is there whenever it is read.
        func arguments<Arguments>(_ type: Arguments.Type) -> Arguments {
            method.decoded.assumingMemoryBound(to: type).pointee
        }
        switch method.id {
        case AMQP_BASIC_ACK_METHOD:
            let ack = arguments(amqp_basic_ack_t.self)
            self = .confirmed(tag: ack.delivery_tag, multiple: ack.multiple != 0, positive: true)
        case AMQP_BASIC_NACK_METHOD:
            let nack = arguments(amqp_basic_nack_t.self)
            self = .confirmed(tag: nack.delivery_tag, multiple: nack.multiple != 0, positive: false)
        case AMQP_BASIC_RETURN_METHOD: self = .returned
        case AMQP_BASIC_DELIVER_METHOD:
            let deliver = arguments(amqp_basic_deliver_t.self)
            self = .deliver(tag: deliver.delivery_tag, redelivered: deliver.redelivered != 0)
        case AMQP_BASIC_CANCEL_METHOD: self = .consumerCancelled
        case AMQP_CHANNEL_CLOSE_METHOD:
            let close = arguments(amqp_channel_close_t.self)
            self = .channelClosed(code: Int(close.reply_code), sentence: close.reply_text.text)
        case AMQP_CONNECTION_CLOSE_METHOD:
            let close = arguments(amqp_connection_close_t.self)
            self = .connectionClosed(code: Int(close.reply_code), sentence: close.reply_text.text)
        case AMQP_CONNECTION_BLOCKED_METHOD:
            self = .blocked(reason: arguments(amqp_connection_blocked_t.self).reason.text)
        case AMQP_CONNECTION_UNBLOCKED_METHOD: self = .unblocked
        default: self = .other
        }
    }
}

extension amqp_bytes_t {
    /// Valid as long as whoever owns the bytes keeps them.
    var borrowed: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: len) }

    var text: String { String(decoding: borrowed, as: UTF8.self) }
}

/// Lends a text to one C call; the bytes are borrowed until `body` returns.
func withBytes<Result>(of text: String, _ body: (amqp_bytes_t) -> Result) -> Result {
    var text = text
    return text.withUTF8 { utf8 in
        body(amqp_bytes_t(len: utf8.count, bytes: UnsafeMutableRawPointer(mutating: utf8.baseAddress)))
    }
}
