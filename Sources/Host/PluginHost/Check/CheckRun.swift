/// What a plugin does wrong, found by a check.
struct Complaint: Error, Equatable {
    var sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}

/// Runs checks one after another in the child and says so as it goes.
final class CheckRun {
    private let write: (String) -> Void
    private var component = ""
    private var check = ""
    private(set) var passed = true

    init(write: @escaping (String) -> Void) { self.write = write }

    /// From here on, findings are about this component.
    func begin(component: String) { self.component = component }

    /// One check: it returns the line that explains why it passed, or complains. False if it complained.
    @discardableResult
    func check(_ name: String, _ body: () throws(Complaint) -> String) -> Bool {
        check = name
        step("")
        let finding: CheckFinding
        do {
            finding = CheckFinding(component: component, check: name, passed: true, reason: try body())
        } catch {
            passed = false
            finding = CheckFinding(component: component, check: name, passed: false, reason: error.sentence)
        }
        write(CheckMessage.finding(finding).line)
        return finding.passed
    }

    /// What the check does next; named if the process ends there.
    func step(_ detail: String) {
        write(CheckMessage.starting(component: component, check: check, detail: detail).line)
    }

    func finish() { write(CheckMessage.done.line) }
}
