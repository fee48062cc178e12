import CRabbitMQ
import Domain
import Glibc

/// One connection to the broker and the calls on it that wait for an answer. It belongs to the thread that made it.
///
/// librabbitmq sends and checks heartbeats inside its calls, whenever it reads; whoever owns the connection calls
/// `readFrames` at least every `readInterval`.
final class Connection {
    struct Limits: Sendable {
        var connect = Duration.seconds(5)
        /// Login, and each call that waits for an answer.
        var answer = Duration.seconds(10)
        /// Offered to the broker; a peer silent for twice as long is dead.
        var heartbeat = Duration.seconds(10)
    }

    static let readInterval = Duration.seconds(1)
    /// The certificates a broker behind TLS must be vouched for by, unless the environment says otherwise.
    private static let certificateFile = "/etc/ssl/certs/ca-certificates.crt"

    let state: amqp_connection_state_t
    private let lifeline: Lifeline

    /// Connects and logs in. name: shown in the broker's list of connections.
    init(to url: BrokerURL, name: String, limits: Limits, lifeline: Lifeline) throws(BrokerError) {
        guard let state = amqp_new_connection() else {
            throw BrokerError(scope: .connection, code: 0, sentence: "There is no memory for a connection.")
        }
        self.state = state
        self.lifeline = lifeline
        // From here on `deinit` cleans up, since every property is set.
        let socket = try makeSocket(url)
        var connectTime = timeval(limits.connect)
        try check(amqp_socket_open_noblock(socket, url.host, url.port, &connectTime), "connecting")
        lifeline.hold(amqp_get_sockfd(state))
        var answerTime = timeval(limits.answer)
        try check(amqp_set_handshake_timeout(state, &answerTime), "logging in")
        try check(amqp_set_rpc_timeout(state, &answerTime), "logging in")
        let heartbeat = Int32(limits.heartbeat.components.seconds)
        try check(rabbit_login(state, name, url.virtualHost, heartbeat, url.user, url.password), "logging in")
    }

    deinit {
        lifeline.letGo()
        amqp_destroy_connection(state)
    }

    var descriptor: Int32 { amqp_get_sockfd(state) }

    /// Something to read is in memory already, so waiting for the socket would be in vain.
    var hasBufferedInput: Bool { amqp_frames_enqueued(state) != 0 || amqp_data_in_buffer(state) != 0 }

    /// Hands on what has come in, frame by frame, without waiting. True if the limit was reached before the end.
    func readFrames(
        atMost limit: Int, _ handle: (_ channel: UInt16, InboundFrame) throws(BrokerError) -> Void
    ) throws(BrokerError) -> Bool {
        for _ in 0..<limit {
            var frame = amqp_frame_t()
            var noTime = timeval()
            let status = amqp_simple_wait_frame_noblock(state, &frame, &noTime)
            if status == AMQP_STATUS_TIMEOUT.rawValue { return false }
            try check(status, "reading")
            try dispatch(frame, to: handle)
        }
        return true
    }

    /// Hands on what an answered call had to set aside, so that nothing of a closed channel is left when its
    /// number is used again.
    func readSetAside(
        _ handle: (_ channel: UInt16, InboundFrame) throws(BrokerError) -> Void
    ) throws(BrokerError) {
        while amqp_frames_enqueued(state) != 0 { _ = try readFrames(atMost: 1, handle) }
    }

    private func dispatch(
        _ frame: amqp_frame_t, to handle: (UInt16, InboundFrame) throws(BrokerError) -> Void
    ) throws(BrokerError) {
        // The frame's memory is the channel's pool, which is emptied when its handler is done with it.
        defer { amqp_maybe_release_buffers_on_channel(state, frame.channel) }
        let inbound = InboundFrame(frame)
        if case .connectionClosed(let code, let sentence) = inbound {
            throw BrokerError(scope: .connection, code: code, sentence: "The broker closed the connection: \(sentence)")
        }
        if case .channelClosed = inbound { try confirmClosed(frame.channel) }
        try handle(frame.channel, inbound)
    }

    /// Writes of `body` leave together: small frames fill whole segments.
    func together<Result>(_ body: () throws(BrokerError) -> Result) throws(BrokerError) -> Result {
        cork(1)
        defer { cork(0) }
        return try body()
    }

    /// Says goodbye; at most `BrokerThread.goodbye` in all.
    func close() {
        var time = timeval(BrokerThread.goodbye)
        amqp_set_rpc_timeout(state, &time)
        _ = amqp_connection_close(state, AMQP_REPLY_SUCCESS)
    }

    private func makeSocket(_ url: BrokerURL) throws(BrokerError) -> OpaquePointer {
        // The connection owns the socket from its making on.
        guard let socket = url.usesTLS ? amqp_ssl_socket_new(state) : amqp_tcp_socket_new(state) else {
            throw BrokerError(scope: .connection, code: 0, sentence: "There is no memory for a socket.")
        }
        if url.usesTLS {
            let file = getenv("SSL_CERT_FILE").map { String(cString: $0) } ?? Self.certificateFile
            try check(amqp_ssl_socket_set_cacert(socket, file), "reading the certificates in \(file)")
        }
        return socket
    }

    private func cork(_ on: Int32) {
        var on = on
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_CORK, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension timeval {
    fileprivate init(_ duration: Duration) {
        let microseconds = duration.inMicroseconds
        self.init(tv_sec: Int(microseconds / 1_000_000), tv_usec: Int(microseconds % 1_000_000))
    }
}
