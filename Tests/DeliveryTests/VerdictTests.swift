import Domain
import Ports
import Testing

@testable import Delivery

@Suite struct VerdictTests {
    @Test(arguments: [
        (200, OutcomeClass.succeeded), (204, .succeeded), (299, .succeeded), (301, .httpStatus), (400, .httpStatus),
        (401, .authenticationRefused), (403, .authenticationRefused), (404, .authenticationRefused), (410, .gone),
        (429, .httpStatus), (500, .httpStatus), (503, .httpStatus),
    ])
    func `a status is read as the contract says`(status: Int, outcome: OutcomeClass) {
        let verdict = Verdict(
            .response(status: status, headers: [], body: [], retryAfter: nil, truncated: false), now: noon)
        #expect(verdict.outcome == outcome)
        #expect(verdict.httpStatus == status)
        #expect((verdict.sentence == nil) == (outcome == .succeeded))
        #expect(verdict.reachedDestination)
    }

    @Test func `a refused address says nothing about the destination`() {
        #expect(!Verdict(.failure(.addressBlocked, "no"), now: noon).reachedDestination)
        #expect(Verdict(.failure(.timeout, "late"), now: noon).reachedDestination)
    }

    @Test func `the answer's wish to wait is understood`() {
        let answer = CourierResult.Answer.response(
            status: 503, headers: [], body: [], retryAfter: "120", truncated: false)
        #expect(Verdict(answer, now: noon).retryAfter == .seconds(120))
    }

    @Test(arguments: [
        ("0", 0), ("120", 120), (" 7 ", 7), ("99999999999999999999", 366 * 86_400),
        ("Fri, 15 Jan 2027 08:00:10 GMT", 10), ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
    ])
    func `Retry-After in seconds or as a date`(text: String, seconds: Int) {
        // noon is 2027-01-15T08:00:00Z.
        #expect(retryAfterDelay(text, now: noon) == .seconds(seconds))
    }

    @Test(arguments: ["", "soon", "-5", "1.5", "Fri, 32 Jan 2027 08:00:10 GMT", "Fri, 15 Foo 2027 08:00:10 GMT", "1 2"])
    func `anything else is no wish at all`(text: String) {
        #expect(retryAfterDelay(text, now: noon) == nil)
    }

    @Test func `a wish of combining marks is read at once`() {
        let marks =
            String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)
        for text in [marks, "Fri, 15 \(marks) 2027 08:00:10 GMT", "Fri, 15 Jan 2027 08:00:10 \(marks)"] {
            #expect(retryAfterDelay(text, now: noon) == nil)
        }
    }
}

@Suite struct DispositionTests {
    private let failed = Verdict(.failure(.connect, "refused"), now: noon)

    @Test func `success ends the event`() {
        let verdict = Verdict(
            .response(status: 200, headers: [], body: [], retryAfter: nil, truncated: false), now: noon)
        #expect(after(verdict, attempt: 1) == .succeeded(at: noon))
    }

    @Test(arguments: [401, 403, 404])
    func `a refusal of us ends the event, however many attempts are left`(status: Int) {
        let verdict = Verdict(
            .response(status: status, headers: [], body: [], retryAfter: nil, truncated: false), now: noon)
        #expect(after(verdict, attempt: 1) == .authenticationFailed)
    }

    @Test func `a failure follows the policy until the attempts are used up`() {
        #expect(after(failed, attempt: 1) == .waitingRetry(dueAt: noon + .seconds(60)))
        #expect(after(failed, attempt: 9) == .waitingRetry(dueAt: noon + .seconds(60)))
        #expect(after(failed, attempt: 10) == .criticalFailure)
        #expect(after(failed, attempt: 11) == .criticalFailure)
    }

    @Test func `a policy may give up early`() {
        let result = disposition(
            after: failed, attemptsThisRound: 1, attemptsMax: 10, now: noon, decide: { .giveUp })
        #expect(result == .criticalFailure)
    }

    private func after(_ verdict: Verdict, attempt: Int) -> Settlement.Disposition {
        disposition(
            after: verdict, attemptsThisRound: attempt, attemptsMax: 10, now: noon,
            decide: { .again(after: .seconds(60)) })
    }
}
