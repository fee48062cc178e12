import JSON

/// One thing that `plugin check` looked at.
package struct CheckFinding: Sendable, Equatable {
    /// Empty for what concerns the library as a whole.
    package var component: String
    /// A `CheckName`: `describe`, `create`, `ownership`.
    package var check: String
    package var passed: Bool
    /// One line.
    package var reason: String
    /// What repeats it.
    package var seed: UInt64
    package var milliseconds: Int

    package init(
        component: String, check: String, passed: Bool, reason: String, seed: UInt64, milliseconds: Int = 0
    ) {
        self.component = component
        self.check = check
        self.passed = passed
        self.reason = reason
        self.seed = seed
        self.milliseconds = milliseconds
    }

    /// One object of `plugin check --json`.
    var document: JSONObject {
        [
            "check": .string(check), "component": .string(component), "passed": .bool(passed),
            "reason": .string(reason), "seed": JSONValue(seed), "milliseconds": JSONValue(milliseconds),
        ]
    }

    init?(_ object: JSONObject) {
        guard let check = object["check"]?.text, let component = object["component"]?.text,
            let passed = object["passed"]?.boolean, let reason = object["reason"]?.text,
            case .number(let seed)? = object["seed"], let seed = UInt64(seed),
            let milliseconds = object["milliseconds"]?.integer
        else { return nil }
        self.init(
            component: component, check: check, passed: passed, reason: reason, seed: seed, milliseconds: milliseconds)
    }
}

/// What the child of `plugin check` tells its parent, one JSON object a line. Whatever else a plugin writes to
/// standard output is no such object and is passed over; it may lack a line feed, so each line begins with one.
enum CheckMessage: Equatable {
    /// What is about to run, so that the parent can say where a crash or a hang happened, and what repeats it.
    case starting(component: String, check: String, detail: String, seed: UInt64)
    case finding(CheckFinding)
    /// How many components the library offers.
    case offers(Int)
    /// The last line of a child that ended by itself.
    case done

    var line: String {
        let value: JSONValue
        switch self {
        case .starting(let component, let check, let detail, let seed):
            value = [
                "message": "starting", "component": .string(component), "check": .string(check),
                "detail": .string(detail), "seed": JSONValue(seed),
            ]
        case .finding(let finding):
            value = .object(JSONObject([("message", "finding")] + finding.document.members))
        case .offers(let count): value = ["message": "offers", "count": JSONValue(count)]
        case .done: value = ["message": "done"]
        }
        return "\n" + value.serializedText() + "\n"
    }

    init?(line: some Collection<UInt8>) {
        guard let object = (try? JSONValue(parsing: Array(line)))?.members else { return nil }
        switch object["message"]?.text {
        case "starting":
            guard case .number(let seed)? = object["seed"] else { return nil }
            self = .starting(
                component: object["component"]?.text ?? "", check: object["check"]?.text ?? "",
                detail: object["detail"]?.text ?? "", seed: UInt64(seed) ?? 0)
        case "finding":
            guard let finding = CheckFinding(object) else { return nil }
            self = .finding(finding)
        case "offers":
            guard let count = object["count"]?.integer else { return nil }
            self = .offers(count)
        case "done": self = .done
        default: return nil
        }
    }
}
