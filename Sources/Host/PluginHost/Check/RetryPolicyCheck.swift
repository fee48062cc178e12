import Domain
import JSON
import Ports

/// Tries a retry policy with a table of failures: each decision is in range, and the same when asked again.
struct RetryPolicyCheck {
    private let check: ComponentCheck
    private let settings: JSONValue

    init(_ check: ComponentCheck, _ settings: JSONValue) {
        self.check = check
        self.settings = settings
    }

    private static let failures: [RetryFailure] = {
        var numbers = RepeatableNumbers(seed: 1)
        var failures: [RetryFailure] = []
        let outcomes: [OutcomeClass] = [
            .httpStatus, .timeout, .connect, .tls, .dns, .protocol, .addressBlocked, .plugin, .gone,
        ]
        let waits: [Duration?] = [nil, .zero, .seconds(60), .seconds(4_000_000_000)]
        for outcome in outcomes {
            for attempt in [1, 2, 6, 7, 1_000, Int(UInt32.max)] {
                for wait in waits {
                    for random in [UInt64.min, numbers.next(), UInt64.max] {
                        failures.append(
                            RetryFailure(
                                attemptNumber: attempt, attemptsMax: attempt == 1 ? 1 : 6, outcome: outcome,
                                httpStatus: outcome == .httpStatus ? 503 : outcome == .gone ? 410 : 0, retryAfter: wait,
                                elapsed: .seconds(attempt), random: random))
                    }
                }
            }
        }
        return failures
    }()

    func runAll() {
        check.run.check(.work) { () throws(Complaint) in
            for failure in Self.failures { _ = try decisions(failure, count: 1) }
            return "\(Self.failures.count) failures decided, all within the range"
        }
        check.run.check(.repeatability) { () throws(Complaint) in
            for failure in Self.failures {
                let twice = try decisions(failure, count: 2)
                guard twice.first == twice.last, try decisions(failure, count: 1).first == twice.first else {
                    throw Complaint(
                        "decides another way when asked again about the same failure "
                            + "(\(failure.outcome.rawValue), attempt \(failure.attemptNumber))")
                }
            }
            return "the same failure gives the same decision"
        }
        if check.run.plan.promises.contains(.monotone) {
            check.run.check(.monotone) { () throws(Complaint) in try checkMonotone() }
        }
    }

    /// As its author promised: of two attempts that fail alike, the later one waits no less, whatever chance says.
    private func checkMonotone() throws(Complaint) -> String {
        var numbers = RepeatableNumbers(seed: 2)
        for random in [UInt64.min, .max] + (0..<6).map({ _ in numbers.next() }) {
            var longest = Duration.zero
            var hasGivenUp = false
            for attempt in 1..<Self.attemptsPlayed {
                let failure = RetryFailure(
                    attemptNumber: attempt, attemptsMax: Self.attemptsPlayed, outcome: .httpStatus, httpStatus: 503,
                    retryAfter: nil, elapsed: longest, random: random)
                switch try decisions(failure, count: 1).first {
                case .again(let delay)?:
                    guard !hasGivenUp else { throw Complaint("goes on at attempt \(attempt) after it had given up") }
                    guard delay >= longest else {
                        throw Complaint(
                            "waits \(inWords(delay.inNanoseconds)) after attempt \(attempt), "
                                + "where it waited \(inWords(longest.inNanoseconds)) before")
                    }
                    longest = delay
                case .giveUp?: hasGivenUp = true
                case nil: break
                }
            }
        }
        return "delays never shrink over \(Self.attemptsPlayed) attempts"
    }

    private static let attemptsPlayed = 50

    private func decisions(_ failure: RetryFailure, count: Int) throws(Complaint) -> [RetryDecision] {
        check.run.step("with \(failure.outcome.rawValue), attempt \(failure.attemptNumber)")
        let decisions = try check.trying { () throws(PluginFault) in
            RetryPolicyAdapter(try check.instance(settings))
        } _: { adapter throws(PluginFault) in
            var decisions: [RetryDecision] = []
            for _ in 0..<count { decisions.append(try adapter.decide(failure, .sample)) }
            return decisions
        }
        return decisions ?? []
    }
}

extension PluginCallContext {
    /// An attempt that never was.
    static let sample = PluginCallContext(
        tenantID: TenantID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001),
        destinationID: DestinationID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0002),
        eventID: EventID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0003), attemptNumber: 1)
}
