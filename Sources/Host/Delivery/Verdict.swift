import Domain
import Ports

/// What an answer, or its absence, says about an attempt.
struct Verdict: Equatable {
    var outcome: OutcomeClass
    var httpStatus = 0
    /// For people; nil on success.
    var sentence: String?
    var body: [UInt8] = []
    var retryAfter: Duration?
    /// False when nothing was sent, which says nothing about the destination.
    var reachedDestination = true

    init(_ answer: CourierResult.Answer, now: Timestamp) {
        switch answer {
        case .response(let status, _, let body, let retryAfter, let truncated):
            outcome = OutcomeClass(httpStatus: status)
            httpStatus = status
            self.body = body
            self.retryAfter = retryAfter.flatMap { retryAfterDelay($0, now: now) }
            if outcome != .succeeded {
                sentence = "the destination answered \(status)\(Self.meaning(status))"
            } else if truncated {
                sentence = nil
            }
        case .failure(let outcome, let sentence):
            self.outcome = outcome
            self.sentence = sentence
            // A refused address and a fault of our own never left this machine.
            reachedDestination = outcome != .addressBlocked && outcome != .internal
        }
    }

    /// The attempt failed before anything was sent.
    init(unsent outcome: OutcomeClass, _ sentence: String) {
        self.outcome = outcome
        self.sentence = sentence
        reachedDestination = false
    }

    private static func meaning(_ status: Int) -> String {
        switch status {
        case 300...399: " (redirects are not followed)"
        case 401: " (it refused the credentials)"
        case 403: " (it refuses us)"
        case 404: " (there is nothing at this address)"
        case 410: " (gone for good)"
        case 429: " (too many requests)"
        default: ""
        }
    }
}

/// Where an event goes from here. The order of the rules is the contract's (behaviour.md 2.2, 2.4).
///
/// attemptsThisRound: finished ones, this attempt included. decide: asks the retry policy; only called if there is
/// anything left to decide.
func disposition(
    after verdict: Verdict, attemptsThisRound: Int, attemptsMax: Int, now: Timestamp, decide: () -> RetryDecision
) -> Settlement.Disposition {
    switch verdict.outcome {
    case .succeeded: return .succeeded(at: now)
    case .authenticationRefused: return .authenticationFailed
    default: break
    }
    guard attemptsThisRound < attemptsMax else { return .criticalFailure }
    switch decide() {
    case .giveUp: return .criticalFailure
    case .again(let delay): return .waitingRetry(dueAt: now + delay)
    }
}
