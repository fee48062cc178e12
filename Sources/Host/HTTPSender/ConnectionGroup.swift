import CCurl
import Glibc

/// One of libcurl's multi handles: the transfers and connections of a share of the destinations, and their timer.
///
/// For each request libcurl walks through all connections to the same host to find an idle one. With 800 requests in
/// flight to one host that is half of a request's cost; with several handles the walks are short, while one
/// destination's requests still meet on the same connections. Courier thread only.
final class ConnectionGroup {
    /// Connections kept open in a quiet time.
    private static let connectionsKept = 64
    /// Streams that share one HTTP/2 connection.
    private static let streamsPerConnection = 100

    /// Where the loop keeps it.
    let place: Int
    private let multi: UnsafeMutableRawPointer
    private let sockets: SocketTable
    private(set) var timer: ContinuousClock.Instant?
    private var active = 0
    private var connectionsMost = 0

    /// `close` ends it: libcurl keeps a plain pointer to it until then.
    init(place: Int, sockets: SocketTable) {
        guard let multi = curl_multi_init() else { preconditionFailure("libcurl has no memory for a multi handle") }
        self.place = place
        self.multi = multi
        self.sockets = sockets
        curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        curl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, Self.streamsPerConnection)
        keep(Self.connectionsKept)
        connectCallbacks()
    }

    /// After the last transfer was removed.
    func close() { curl_multi_cleanup(multi) }

    func add(_ transfer: Transfer) {
        active += 1
        // Those in use count as kept: with more of them than the limit, libcurl would close one for each it opens.
        if active * 2 > connectionsMost { keep(active * 4) }
        let code = curl_multi_add_handle(multi, transfer.handle)
        precondition(code == CURLM_OK, "libcurl refused a transfer: \(String(cString: curl_multi_strerror(code)))")
    }

    func remove(_ transfer: Transfer) {
        active -= 1
        curl_multi_remove_handle(multi, transfer.handle)
        if active == 0 && connectionsMost > Self.connectionsKept { keep(Self.connectionsKept) }
    }

    private func keep(_ connections: Int) {
        connectionsMost = connections
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
    }

    // MARK: What happened

    func act(on socket: Int32, _ what: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, what, &running)
    }

    func actOnTimer(at now: ContinuousClock.Instant) {
        guard let due = timer, due <= now else { return }
        timer = nil
        act(on: CURL_SOCKET_TIMEOUT, 0)
    }

    /// The transfers that have ended since the last call; each has to be removed.
    func takeFinished(_ finish: (Transfer, CURLcode) -> Void) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            // The message is gone once its handle is removed.
            let easy = message.pointee.easy_handle
            let code = message.pointee.data.result
            guard message.pointee.msg == CURLMSG_DONE, let easy, let context = curl_get_private(easy) else { continue }
            finish(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code)
        }
    }

    private func connectCallbacks() {
        curl_multi_set_callbacks(
            multi,
            { _, socket, interest, context, _ in
                guard let context else { return 0 }
                let group = Unmanaged<ConnectionGroup>.fromOpaque(context).takeUnretainedValue()
                return group.interestChanged(socket, interest)
            },
            { _, milliseconds, context in
                guard let context else { return 0 }
                let group = Unmanaged<ConnectionGroup>.fromOpaque(context).takeUnretainedValue()
                group.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
                return 0
            },
            Unmanaged.passUnretained(self).toOpaque())
    }

    /// Returns 0, or -1 to make libcurl fail the transfer.
    private func interestChanged(_ socket: curl_socket_t, _ interest: Int32) -> Int32 {
        switch interest {
        case CURL_POLL_REMOVE:
            sockets.ignore(socket)
            return 0
        case CURL_POLL_IN: return sockets.watch(socket, for: EPOLLIN.rawValue, group: place)
        case CURL_POLL_OUT: return sockets.watch(socket, for: EPOLLOUT.rawValue, group: place)
        default: return sockets.watch(socket, for: EPOLLIN.rawValue | EPOLLOUT.rawValue, group: place)
        }
    }
}
