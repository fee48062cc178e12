import CMicrohttpd
import Synchronization

/// One request and its answer, from complete headers to the last byte sent.
///
///     receiving ─ body complete ─► handling ─ handler returns without an answer ─► suspended ─ answer ─► answered
///                                      └──────────── answer ──────────────────────────────────────────────┘
///
/// Who holds it: libmicrohttpd through the request's context pointer (retained when the headers are in, released by
/// the request-completed callback), and the responder. Whichever lets go last frees it, so an answer that comes
/// after the client has gone meets a live object.
///
/// Who touches the connection: its event loop, and whoever answers a suspended request, exactly once, to resume it.
/// libmicrohttpd keeps a suspended connection alive, and does not even notice that its client left, until it is
/// resumed; after that nobody but its event loop may touch it, and `answer` does not.
final class Exchange: @unchecked Sendable {
    /// Bytes of an answer up to which it is not counted: connections are bounded, and most answers are short.
    private static let smallAnswer = 64 << 10

    private enum Phase { case handling, suspended, answered }

    private struct Answer {
        var phase = Phase.handling
        var response: HTTPResponse?
    }

    let core: ServerCore
    let client: Connection
    let connection: OpaquePointer
    private let answer = Mutex(Answer())

    // Used by the connection's event loop alone.
    var request: HTTPRequest
    let plan: RequestPlan
    let started = ContinuousClock.now
    let body: BodyCollector
    /// Bytes of the answer that the budget knows of.
    private var answerBytes = 0
    /// The handler was called.
    private(set) var isDispatched = false

    init(
        _ core: ServerCore, _ client: Connection, _ connection: OpaquePointer, _ request: HTTPRequest,
        _ plan: RequestPlan, _ body: BodyCollector
    ) {
        self.core = core
        self.client = client
        self.connection = connection
        self.request = request
        self.plan = plan
        self.body = body
    }

    /// The response, or a 503 in its place if others that clients are slow to take leave it no room.
    func admit(_ response: HTTPResponse) -> HTTPResponse {
        let count = response.body.count
        guard count > Self.smallAnswer else { return response }
        if route.map({ core.routes[$0].isSafe }) == true {
            guard core.answerBudget.take(count, evenAlone: true) else { return .refused }
        } else {
            // What has been done must be told.
            core.answerBudget.add(count)
        }
        answerBytes = count
        return response
    }

    /// The answer is sent, or its client has gone.
    func completed() {
        core.answerBudget.give(answerBytes)
        answerBytes = 0
    }

    var route: Int? {
        switch plan {
        case .handle(let route): route
        case .refuse(_, let route), .refuseAtOnce(_, let route): route
        }
    }

    /// An answer that nobody took: its client left while it was on its way.
    deinit { answer.withLock { $0.response }?.stream?.close() }

    /// Runs the handler. Returns its answer if it is there by now; otherwise the connection is suspended.
    ///
    /// Suspending costs a round through the event loop, so a handler that answers at once is spared it. The answer
    /// may come from another thread while we are about to suspend: therefore the connection is suspended first and
    /// the phase, under the lock, says who resumes it. Before `suspended` the answerer leaves that to us.
    func dispatch(_ handler: Handler) -> HTTPResponse? {
        isDispatched = true
        // In this order: either we see that the server refuses, or the stopping server sees us.
        core.unanswered.begin()
        if core.isRefusing {
            core.unanswered.end()
            return .refused
        }
        client.awaitAnswer(of: self)
        call(handler)
        if let early = takeAnswer() { return early }
        MHD_suspend_connection(connection)
        let cameMeanwhile = answer.withLock { answer in
            if answer.phase == .handling { answer.phase = .suspended }
            return answer.phase == .answered
        }
        if cameMeanwhile { resume() }
        return nil
    }

    private func call(_ handler: Handler) {
        // The body moves out to the handler; what stays is for the response filter.
        var whole = request
        whole.body = body.take()
        let responder = PendingAnswer(self)
        switch handler {
        case .inline(let run):
            run(whole, responder)
        case .blocking(let run):
            let isQueued = core.pool.run { [whole] in responder.respond(run(whole)) }
            if !isQueued { responder.respond(.refused) }
        }
    }

    /// The answer, if the connection need not be suspended for it.
    private func takeAnswer() -> HTTPResponse? {
        let response = answer.withLock { answer in
            defer { answer.response = nil }
            return answer.response
        }
        if response != nil { core.unanswered.end() }
        return response
    }

    /// After a resume, on the event loop: the answer that was given.
    func answerAfterResume() -> HTTPResponse? {
        answer.withLock { answer in
            defer { answer.response = nil }
            return answer.response
        }
    }

    /// From any thread. Only the first answer counts.
    func answer(with response: HTTPResponse) {
        let wasSuspended = answer.withLock { answer in
            guard answer.phase != .answered else {
                response.stream?.close()
                return false
            }
            defer { answer.phase = .answered }
            answer.response = response
            return answer.phase == .suspended
        }
        if wasSuspended { resume() }
    }

    private func resume() {
        MHD_resume_connection(connection)
        client.loop.wake()
        // Only now may the server be stopped: the library's call still uses its daemon after the loop has gone on.
        core.unanswered.end()
    }
}

/// What a handler gets to answer with. Dropping it unanswered answers 500.
private final class PendingAnswer: Responder {
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    func respond(_ response: HTTPResponse) { exchange.answer(with: response) }

    /// Runs after every answer too; the exchange then ignores it.
    deinit { exchange.answer(with: HTTPResponse(status: 500)) }
}
