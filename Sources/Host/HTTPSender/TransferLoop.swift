import CCurl
import Domain
import Glibc
import Ports
import Telemetry

/// The courier's thread: an epoll loop around libcurl's multi handles, which tell it which sockets to watch and when to
/// wake up (curl_multi_socket_action). Idle transfers cost nothing, however many there are.
///
/// Everything here belongs to the thread that calls `run`.
final class TransferLoop {
    /// Multi handles that the destinations are spread over.
    private static let groupCount = 16
    /// Easy handles kept for re-use.
    private static let handlesKept = 1_024

    private let inbox: CourierInbox
    private let rules: CourierRules
    private let epoll: Int32
    private let sockets: SocketTable
    // Closed at the end of `run`, after the last transfer was removed from them.
    private let groups: [ConnectionGroup]
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
        guard epoll >= 0 else {
            preconditionFailure("the courier got no epoll: \(String(cString: strerror(errno)))")
        }
        let sockets = SocketTable(epoll: epoll)
        self.sockets = sockets
        groups = (0..<Self.groupCount).map { ConnectionGroup(place: $0, sockets: sockets) }
        _ = sockets.watch(inbox.waker.descriptor, for: EPOLLIN.rawValue, group: 0)
    }

    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        var isRunning = true
        while isRunning {
            let count = epoll_wait(epoll, &events, Int32(events.count), waitMilliseconds())
            for event in events.prefix(Int(max(0, count))) { handleEvent(event) }
            isRunning = !inbox.isClosed
            for submission in inbox.takeAll() { isRunning ? begin(submission) : submission.refuse() }
            let now = ContinuousClock.now
            for group in groups { group.actOnTimer(at: now) }
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
            let group = group(of: request.url)
            transfer.prepare(request, batch: batch)
            transfer.place = active.count
            transfer.group = group.place
            active.append(transfer)
            group.add(transfer)
        }
        inFlight.set(active.count)
    }

    /// By the bytes of a URL, with this process's own seed, so that nobody can choose a neighbour.
    private func group(of url: String) -> ConnectionGroup {
        var hasher = Hasher()
        var url = url
        url.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        return groups[Int(UInt(bitPattern: hasher.finalize()) % UInt(groups.count))]
    }

    private func collectFinished() {
        for group in groups {
            group.takeFinished { transfer, code in finish(transfer) { $0.result(code) } }
        }
        inFlight.set(active.count)
    }

    private func finish(_ transfer: Transfer, _ result: (Transfer) -> CourierResult) {
        let batch = transfer.batch
        let result = result(transfer)
        groups[transfer.group].remove(transfer)
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
        for group in groups { group.close() }
    }

    // MARK: Sockets and timers

    private func handleEvent(_ event: epoll_event) {
        guard event.data.fd != inbox.waker.descriptor else {
            inbox.waker.clear()
            return
        }
        guard let group = sockets.groupThatWants(event.data.fd) else { return }
        var what: Int32 = 0
        if event.events & EPOLLIN.rawValue != 0 { what |= CURL_CSELECT_IN }
        if event.events & EPOLLOUT.rawValue != 0 { what |= CURL_CSELECT_OUT }
        if event.events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { what |= CURL_CSELECT_ERR }
        groups[group].act(on: event.data.fd, what)
    }

    /// Rounded up, so that a timer is due when the wait for it is over.
    private func waitMilliseconds() -> Int32 {
        guard let timer = groups.lazy.compactMap(\.timer).min() else { return -1 }
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
