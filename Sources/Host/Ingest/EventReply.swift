import HTTPServer
import Ports
import Synchronization
import Threading

/// Where the answer to one event goes.
enum EventReply: Sendable {
    /// It is the whole request.
    case request(IngestReply)
    /// It has this place in a batch.
    case part(BatchReply, index: Int)
    /// The platform posted it itself and waits.
    case own(Mailbox<IngestAnswer>)

    func answer(_ answer: IngestAnswer) {
        switch self {
        case .request(let reply): reply.answer(answer)
        case .part(let batch, let index): batch.answer(answer, at: index)
        case .own(let mailbox): mailbox.post(answer)
        }
    }

    /// The batch that the event must be committed with.
    var batch: BatchReply? {
        if case .part(let batch, _) = self { batch } else { nil }
    }
}

/// Collects the answers to a batch's events and answers the request when it has all of them.
///
/// The events that are taken are committed together; so an answer that says that one could not be stored is true for
/// every one of them, and becomes the answer to the request.
final class BatchReply: Sendable {
    private struct State {
        var answers: [IngestAnswer?]
        var missing: Int
    }

    private let reply: IngestReply
    private let state: Mutex<State>

    init(_ reply: IngestReply, count: Int) {
        self.reply = reply
        state = Mutex(State(answers: Array(repeating: nil, count: count), missing: count))
    }

    func answer(_ answer: IngestAnswer, at index: Int) {
        let complete: [IngestAnswer]? = state.withLock { state in
            precondition(state.answers[index] == nil, "an event of a batch was answered twice")
            state.answers[index] = answer
            state.missing -= 1
            return state.missing == 0 ? state.answers.compactMap { $0 } : nil
        }
        if let complete { reply.answer(complete) }
    }
}
