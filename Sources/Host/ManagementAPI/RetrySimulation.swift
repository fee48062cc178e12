import Domain
import Ports

/// What a retry policy makes of a run of failures: asks it as the host would, attempt after attempt, on a clock that
/// only the delays move. The same policy, failures and seed give the same steps.
package struct RetrySimulation: Sendable {
    /// The most attempts that are played through.
    package static let attemptsLimit = 100

    package struct Failure: Sendable, Equatable {
        package var outcome: OutcomeClass
        /// 0: there was no HTTP answer.
        package var httpStatus: Int
        package var retryAfter: Duration?

        package init(outcome: OutcomeClass, httpStatus: Int = 0, retryAfter: Duration? = nil) {
            self.outcome = outcome
            self.httpStatus = httpStatus
            self.retryAfter = retryAfter
        }
    }

    /// One failed attempt and what follows it.
    package struct Step: Sendable, Equatable {
        package enum Next: Sendable, Equatable {
            case again(after: Duration)
            case giveUp
            /// It was the last attempt: the policy is not asked.
            case attemptsUsedUp
            /// The policy broke a rule; the host would wait its own default delay. Nothing is simulated beyond it.
            case fault(String)

            /// In documents.
            package var word: String {
                switch self {
                case .again: "again"
                case .giveUp: "giveUp"
                case .attemptsUsedUp: "attemptsUsedUp"
                case .fault: "fault"
                }
            }
        }

        /// From 1.
        package var attemptNumber: Int
        package var failure: Failure
        /// From the event's acceptance to this attempt's failure.
        package var elapsed: Duration
        package var next: Next
    }

    /// How the attempts fail, in order; the last one goes for all that follow. Not empty.
    package var failures: [Failure]
    /// The most attempts that the event may have: 1 to `attemptsLimit`.
    package var attemptsMax: Int
    package var seed: UInt64

    package init(failures: [Failure], attemptsMax: Int, seed: UInt64) {
        self.failures = failures
        self.attemptsMax = attemptsMax
        self.seed = seed
    }

    /// Runs foreign code on the calling thread.
    package func steps(of policy: any RetryPolicyInstance) -> [Step] {
        var numbers = RepeatableNumbers(seed: seed)
        var steps: [Step] = []
        var elapsed = Duration.zero
        for attempt in 1...attemptsMax {
            let failure = failures[min(attempt, failures.count) - 1]
            let random = numbers.next()
            var next = Step.Next.attemptsUsedUp
            if attempt < attemptsMax {
                next = decision(
                    of: policy,
                    RetryFailure(
                        attemptNumber: attempt, attemptsMax: attemptsMax, outcome: failure.outcome,
                        httpStatus: failure.httpStatus, retryAfter: failure.retryAfter, elapsed: elapsed,
                        random: random))
            }
            steps.append(Step(attemptNumber: attempt, failure: failure, elapsed: elapsed, next: next))
            guard case .again(let delay) = next else { break }
            elapsed += delay
        }
        return steps
    }

    private func decision(of policy: any RetryPolicyInstance, _ failure: RetryFailure) -> Step.Next {
        do {
            switch try policy.decide(failure, PluginCallContext(attemptNumber: failure.attemptNumber)) {
            case .again(let delay): return .again(after: delay)
            case .giveUp: return .giveUp
            }
        } catch {
            return .fault(error.sentence)
        }
    }
}

extension RetrySimulation.Failure {
    /// A failure in one word, as on the command line: an HTTP status (`503`) or an outcome (`timeout`), with the
    /// seconds of a Retry-After behind a colon if there was one (`429:60`).
    package init(text: String) throws(FailureMistake) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        var seconds: Int?
        if parts.count == 2 {
            guard let number = Int(parts[1]) else { throw FailureMistake("'\(text)' has no seconds behind its colon") }
            seconds = number
        }
        if let status = Int(parts[0]) {
            try self.init(outcome: nil, httpStatus: status, retryAfterSeconds: seconds)
        } else {
            try self.init(outcome: String(parts[0]), httpStatus: nil, retryAfterSeconds: seconds)
        }
    }

    /// Nothing said about it: a status 503.
    init(outcome word: String?, httpStatus: Int?, retryAfterSeconds: Int?) throws(FailureMistake) {
        if let status = httpStatus,
            !(100...599).contains(status) || !Self.outcomes.contains(OutcomeClass(httpStatus: status))
        {
            throw FailureMistake("httpStatus must be from 100 to 599, and none of 2xx, 401, 403 and 404")
        }
        if let seconds = retryAfterSeconds, seconds < 0 {
            throw FailureMistake("retryAfterSeconds must be 0 or more")
        }
        var outcome = OutcomeClass(httpStatus: httpStatus ?? 503)
        if let word {
            guard let named = OutcomeClass.allCases.first(where: { word.isExactly($0.rawValue) }) else {
                throw FailureMistake(
                    "outcome must be one of \(Self.outcomes.map(\.rawValue).joined(separator: ", "))")
            }
            outcome = named
        }
        guard Self.outcomes.contains(outcome) else {
            throw FailureMistake("no retry policy is asked after the outcome \(outcome.rawValue)")
        }
        let hasStatus = outcome == .httpStatus || outcome == .gone
        self.init(
            outcome: outcome, httpStatus: hasStatus ? httpStatus ?? (outcome == .gone ? 410 : 503) : 0,
            retryAfter: retryAfterSeconds.map { .seconds($0) })
    }

    /// Those after which a policy is asked.
    package static let outcomes = OutcomeClass.allCases.filter { $0 != .succeeded && $0 != .authenticationRefused }
}

/// What is wrong with a failure as somebody wrote it: field and rule.
package struct FailureMistake: Error, Equatable {
    package var sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}
