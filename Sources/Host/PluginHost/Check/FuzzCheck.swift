import Domain
import JSON
import Ports

/// Random work until the time is up. Each round has a seed of its own, and a run that begins with it begins with that
/// round: that is how a failure is repeated.
struct FuzzCheck {
    private static let roundsMax = 1_000_000

    let check: ComponentCheck
    let samples: [JSONValue]

    func run() throws(Complaint) -> String {
        let plan = check.run.plan
        let end = monotonicNanoseconds() + Int64(plan.fuzzMilliseconds) * 1_000_000
        var rounds = 0
        repeat {
            let seed = plan.seed &+ UInt64(rounds)
            check.run.step("seed \(seed)", seed: seed)
            try round(seed)
            rounds += 1
        } while monotonicNanoseconds() < end && rounds < Self.roundsMax
        check.run.step("", seed: plan.seed)
        return "\(rounds) rounds of random work"
    }

    private func round(_ seed: UInt64) throws(Complaint) {
        var numbers = RepeatableNumbers(seed: seed)
        let settings = samples[Int(numbers.next() % UInt64(samples.count))]
        let input = RandomWork.input(&numbers)
        switch check.component.offer.calls {
        case .transformer:
            let context = PluginCallContext.sample
            let both = try check.trying { () throws(PluginFault) in
                TransformerAdapter(try check.instance(settings), sizeMax: check.limits.transformedBytes)
            } _: { adapter throws(PluginFault) in
                (try adapter.transform(input.body, context), try adapter.transform(input.body, context))
            }
            if let both, both.0 != both.1 { throw Complaint("gives another result for the same payload") }
        case .retryPolicy:
            let both = try check.trying { () throws(PluginFault) in
                RetryPolicyAdapter(try check.instance(settings))
            } _: { adapter throws(PluginFault) in
                (try adapter.decide(input.failure, .sample), try adapter.decide(input.failure, .sample))
            }
            if let both, both.0 != both.1 {
                throw Complaint("decides another way when asked again about the same failure")
            }
        case .authenticator:
            try authenticate(settings, input)
        }
    }

    private func authenticate(_ settings: JSONValue, _ input: WorkInput) throws(Complaint) {
        _ = try check.trying { () throws(PluginFault) in
            AuthenticatorAdapter(try check.instance(settings))
        } _: { adapter throws(PluginFault) in
            let step = try adapter.authenticate(
                method: "POST", url: input.url, headers: input.headers, body: input.body, .sample)
            guard case .needsFetch = step else { return step }
            try adapter.fetched(
                status: input.fetchStatus, headers: input.headers, body: input.fetchBody, .sample)
            return try adapter.authenticate(
                method: "POST", url: input.url, headers: input.headers, body: input.body, .sample)
        }
    }
}

/// Inputs that look like work.
enum RandomWork {
    static func input(_ numbers: inout RepeatableNumbers) -> WorkInput {
        var input = WorkInput(body: body(&numbers))
        input.url = "https://example.com/" + text(&numbers, "abcABC019-._~%/?&=+", most: 60)
        for _ in 0..<numbers.next() % 6 {
            input.headers.append(
                HeaderField(
                    "X-" + text(&numbers, "abcXYZ-09", most: 12) + "1", text(&numbers, "abc ,;=\"\t!~", most: 200)))
        }
        input.failure = failure(&numbers)
        input.fetchStatus = [200, 200, 201, 400, 401, 429, 500][Int(numbers.next() % 7)]
        input.fetchBody = numbers.next() % 2 == 0 ? Array(WorkInput.token.utf8) : body(&numbers)
        return input
    }

    private static func body(_ numbers: inout RepeatableNumbers) -> [UInt8] {
        switch numbers.next() % 4 {
        case 0: HostileInputs.damaged(seed: numbers.next())
        case 1: (0..<numbers.next() % 400).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
        default: value(&numbers, depth: 0).serialized()
        }
    }

    private static func value(_ numbers: inout RepeatableNumbers, depth: Int) -> JSONValue {
        let kinds: UInt64 = depth == 0 ? 1 : depth > 4 ? 6 : 8
        switch numbers.next() % kinds {
        case 0 where depth > 0: return .null
        case 1: return .bool(numbers.next() % 2 == 0)
        case 2: return .number("\(Int64(bitPattern: numbers.next()))")
        case 3: return .number("\(numbers.next() % 1_000).\(numbers.next() % 100_000)e\(numbers.next() % 30)")
        case 4, 5: return .string(text(&numbers, "aB0 \"\\\n\t/\u{7f}\u{e9}\u{1F600}<&{}[]$.", most: 40))
        case 6: return .array((0..<numbers.next() % 6).map { _ in value(&numbers, depth: depth + 1) })
        default:
            let names = ["id", "type", "data", "items", "amount", "user", "a.b", "", "\u{e9}"]
            return .object(
                JSONObject(
                    (0..<numbers.next() % 6).map { _ in
                        (names[Int(numbers.next() % UInt64(names.count))], value(&numbers, depth: depth + 1))
                    }))
        }
    }

    private static func failure(_ numbers: inout RepeatableNumbers) -> RetryFailure {
        let outcomes = OutcomeClass.allCases.filter { $0 != .succeeded && $0 != .authenticationRefused }
        let outcome = outcomes[Int(numbers.next() % UInt64(outcomes.count))]
        let most = Int(numbers.next() % 100) + 1
        let attempt = numbers.next() % 8 == 0 ? Int(UInt32.max) : Int(numbers.next() % UInt64(most)) + 1
        return RetryFailure(
            attemptNumber: attempt, attemptsMax: most, outcome: outcome,
            httpStatus: outcome == .httpStatus ? 500 + Int(numbers.next() % 100) : 0,
            retryAfter: numbers.next() % 3 == 0 ? .milliseconds(Int64(numbers.next() >> 22)) : nil,
            elapsed: .milliseconds(Int64(numbers.next() >> 24)), random: numbers.next())
    }

    private static func text(_ numbers: inout RepeatableNumbers, _ alphabet: String, most: UInt64) -> String {
        let letters = Array(alphabet)
        return String((0..<numbers.next() % most).map { _ in letters[Int(numbers.next() % UInt64(letters.count))] })
    }
}
