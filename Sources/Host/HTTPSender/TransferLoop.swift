import CCurl
import Domain
import Glibc
import Ports
import Telemetry

/// The courier's thread: an epoll loop around libcurl's multi handle, which tells it which sockets to watch and when to
/// wake up (curl_multi_socket_action). Idle transfers cost nothing, however many there are.
///
/// Everything here belongs to the thread that calls `run`.
final class TransferLoop {
    /// Connections kept open in all. Beyond it libcurl closes one for each it opens, which at a few hundred requests in
    /// flight was a new connection for each.
    private static let connectionsKept = 2_048
    /// Streams that share one HTTP/2 connection.
    private static let streamsPerConnection = 100
    /// Easy handles kept for re-use.
    private static let handlesKept = 1_024

    private let inbox: CourierInbox
    private let rules: CourierRules
    // Cleaned up at the end of `run`, after the last transfer was removed from it.
    private let multi: OpaquePointer
    private let epoll: Int32
    private let sockets: SocketTable
    private var timer: ContinuousClock.Instant?
    private var idle: [Transfer] = []
    // Keeps those alive that libcurl holds a plain pointer to. Each knows its place.
    private var active: [Transfer] = []
    private var touched: [Batch] = []
    private let inFlight = Metrics.shared.gauge(
        "hooksentry_courier_requests_in_flight", help: "Outgoing requests that have not completed.")

    init(inbox: CourierInbox, rules: CourierRules) {
        self.inbox = inbox
        self.rules = rules
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0, let multi = curl_multi_init() else {
            preconditionFailure("the courier got no epoll or no multi handle: \(String(cString: strerror(errno)))")
        }
        self.multi = OpaquePointer(multi)
        sockets = SocketTable(epoll: epoll)
        _ = sockets.watch(inbox.waker.descriptor, for: EPOLLIN.rawValue)
        curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.connectionsKept)
        curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        curl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, Self.streamsPerConnection)
    }

    private var handle: UnsafeMutableRawPointer { UnsafeMutableRawPointer(multi) }

    func run() {
        connectCallbacks()
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        var isRunning = true
        while isRunning {
            let count = epoll_wait(epoll, &events, Int32(events.count), waitMilliseconds())
            for event in events.prefix(Int(max(0, count))) { handleEvent(event) }
            isRunning = !inbox.isClosed
            for submission in inbox.takeAll() { isRunning ? begin(submission) : submission.refuse() }
            actOnTimer()
            collectFinished()
            callBack()
        }
        abandonAll()
        close(epoll)
    }

    // MARK: Starting and finishing

    private func begin(_ submission: Submission) {
        let batch = Batch(completed: submission.completed)
        for request in submission.requests {
            if let refusal = refusal(of: request, allowHTTP: rules.allowHTTP) {
                complete(CourierResult(token: request.token, answer: refusal, duration: .zero), of: batch)
                continue
            }
            let transfer = idle.popLast() ?? Transfer(rules: rules, sockets: sockets)
            transfer.prepare(request, batch: batch)
            transfer.place = active.count
            active.append(transfer)
            let code = curl_multi_add_handle(handle, transfer.handle)
            precondition(code == CURLM_OK, "libcurl refused a transfer: \(String(cString: curl_multi_strerror(code)))")
        }
        inFlight.set(active.count)
    }

    private func collectFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            // The message is gone once its handle is removed.
            let easy = message.pointee.easy_handle
            let code = message.pointee.data.result
            guard message.pointee.msg == CURLMSG_DONE, let easy, let context = curl_get_private(easy) else { continue }
            finish(Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()) { $0.result(code) }
        }
        inFlight.set(active.count)
    }

    private func finish(_ transfer: Transfer, _ result: (Transfer) -> CourierResult) {
        let batch = transfer.batch
        let result = result(transfer)
        curl_multi_remove_handle(handle, transfer.handle)
        // The last one takes its place.
        active[transfer.place] = active[active.count - 1]
        active[transfer.place].place = transfer.place
        active.removeLast()
        transfer.clear()
        if idle.count < Self.handlesKept { idle.append(transfer) }
        if let batch { complete(result, of: batch) }
    }

    private func complete(_ result: CourierResult, of batch: Batch) {
        if batch.results.isEmpty { touched.append(batch) }
        batch.results.append(result)
    }

    private func callBack() {
        guard !touched.isEmpty else { return }
        let batches = touched
        touched = []
        for batch in batches {
            let results = batch.results
            batch.results = []
            batch.completed(results)
        }
    }

    private func abandonAll() {
        while let transfer = active.last {
            finish(transfer) {
                CourierResult(token: $0.token, answer: Submission.stopped, duration: .now - $0.startedAt)
            }
        }
        callBack()
        inFlight.set(0)
        idle = []
        curl_multi_cleanup(handle)
    }

    // MARK: Sockets and the timer

    private func connectCallbacks() {
        curl_multi_set_callbacks(
            handle,
            { _, socket, interest, context, _ in
                guard let context else { return 0 }
                let loop = Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
                return loop.interestChanged(socket, interest)
            },
            { _, milliseconds, context in
                guard let context else { return 0 }
                let loop = Unmanaged<TransferLoop>.fromOpaque(context).takeUnretainedValue()
                loop.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
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
        case CURL_POLL_IN: return sockets.watch(socket, for: EPOLLIN.rawValue)
        case CURL_POLL_OUT: return sockets.watch(socket, for: EPOLLOUT.rawValue)
        default: return sockets.watch(socket, for: EPOLLIN.rawValue | EPOLLOUT.rawValue)
        }
    }

    private func handleEvent(_ event: epoll_event) {
        guard event.data.fd != inbox.waker.descriptor else {
            inbox.waker.clear()
            return
        }
        guard sockets.isWanted(event.data.fd) else { return }
        var what: Int32 = 0
        if event.events & EPOLLIN.rawValue != 0 { what |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { what |= CURL_CSELECT_ERR }
        var running: Int32 = 0
        curl_multi_socket_action(handle, event.data.fd, what, &running)
    }

    private func actOnTimer() {
        guard let due = timer, due <= .now else { return }
        timer = nil
        var running: Int32 = 0
        curl_multi_socket_action(handle, CURL_SOCKET_TIMEOUT, 0, &running)
    }

    /// Rounded up, so that a timer is due when the wait for it is over.
    private func waitMilliseconds() -> Int32 {
        guard let timer else { return -1 }
        let left = timer - .now
        return left <= .zero ? 0 : Int32(clamping: (left.inMicroseconds + 999) / 1_000)
    }
}

/// What one call of `send` still waits for.
final class Batch {
    let completed: @Sendable ([CourierResult]) -> Void
    /// Finished in this turn and not yet handed out.
    var results: [CourierResult] = []

    init(completed: @escaping @Sendable ([CourierResult]) -> Void) { self.completed = completed }
}
