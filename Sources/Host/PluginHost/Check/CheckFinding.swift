import JSON

/// One thing that `plugin check` looked at.
package struct CheckFinding: Sendable, Equatable {
    /// Empty for what concerns the library as a whole.
    package var component: String
    /// A name from `PluginCheck`: `describe`, `create`, `ownership`.
    package var check: String
    package var passed: Bool
    /// One line.
    package var reason: String

    package init(component: String, check: String, passed: Bool, reason: String) {
        self.component = component
        self.check = check
        self.passed = passed
        self.reason = reason
    }
}

/// What the child of `plugin check` tells its parent, one JSON object a line. Whatever else a plugin writes to
/// standard output is no such object and is passed over.
enum CheckMessage: Equatable {
    /// What is about to run, so that the parent can say where a crash or a hang happened.
    case starting(component: String, check: String, detail: String)
    case finding(CheckFinding)
    /// The last line of a child that ended by itself.
    case done

    var line: String {
        let value: JSONValue
        switch self {
        case .starting(let component, let check, let detail):
            value = [
                "message": "starting", "component": .string(component), "check": .string(check),
                "detail": .string(detail),
            ]
        case .finding(let finding):
            value = [
                "message": "finding", "component": .string(finding.component), "check": .string(finding.check),
                "passed": .bool(finding.passed), "reason": .string(finding.reason),
            ]
        case .done: value = ["message": "done"]
        }
        return value.serializedText() + "\n"
    }

    init?(line: some Collection<UInt8>) {
        guard let object = (try? JSONValue(parsing: Array(line)))?.members else { return nil }
        let component = object["component"]?.text ?? ""
        let check = object["check"]?.text ?? ""
        switch object["message"]?.text {
        case "starting": self = .starting(component: component, check: check, detail: object["detail"]?.text ?? "")
        case "finding":
            guard let passed = object["passed"]?.boolean, let reason = object["reason"]?.text else { return nil }
            self = .finding(CheckFinding(component: component, check: check, passed: passed, reason: reason))
        case "done": self = .done
        default: return nil
        }
    }
}
