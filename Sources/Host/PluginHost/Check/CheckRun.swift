/// What a plugin does wrong, found by a check.
struct Complaint: Error, Equatable {
    var sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}

/// Runs checks one after another in the child and says so as it goes.
final class CheckRun {
    let plan: CheckPlan
    private let write: (String) -> Void
    private var component = ""
    private var check = ""
    /// What repeats the step under way.
    private var seed: UInt64
    private(set) var passed = true

    init(_ plan: CheckPlan, write: @escaping (String) -> Void) {
        self.plan = plan
        self.write = write
        seed = plan.seed
    }

    /// From here on, findings are about this component.
    func begin(component: String) { self.component = component }

    /// One check: it returns the line that explains why it passed, or complains. False if it complained,
    /// or was left out because another did.
    @discardableResult
    func check(_ name: CheckName, _ body: () throws(Complaint) -> String) -> Bool {
        if plan.stopsAtFailure && !passed { return false }
        check = name.rawValue
        step("", seed: plan.seed)
        let start = monotonicNanoseconds()
        var finding = CheckFinding(component: component, check: check, passed: true, reason: "", seed: plan.seed)
        do {
            finding.reason = try body()
        } catch {
            passed = false
            finding.passed = false
            finding.reason = error.sentence
            finding.seed = seed
        }
        finding.milliseconds = Int((monotonicNanoseconds() - start) / 1_000_000)
        write(CheckMessage.finding(finding).line)
        return finding.passed
    }

    /// What the check does next; named if the process ends there. seed: what repeats it, if not the plan's.
    func step(_ detail: String, seed: UInt64? = nil) {
        if let seed { self.seed = seed }
        write(CheckMessage.starting(component: component, check: check, detail: detail, seed: self.seed).line)
    }

    func offers(_ count: Int) { write(CheckMessage.offers(count).line) }

    func finish() { write(CheckMessage.done.line) }
}
