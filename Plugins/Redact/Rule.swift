import PluginKit

/// What happens to the values at one kind of place.
struct Rule {
    enum Action: String, CaseIterable {
        case remove, mask, hash
    }

    /// A step from a value to those inside it.
    enum Step: Equatable {
        /// The member or element with this name or index.
        case named([UInt8])
        /// `*`: every member or element.
        case any
        /// `**`: this value, and every value below it.
        case anyDepth
    }

    var steps: [Step]
    var action: Action
    var mask: String
    /// Characters at a text's end that stay when it is masked.
    var keptLast: Int

    static func list(in settings: Settings) throws(PluginError) -> [Rule] {
        var rules: [Rule] = []
        for (index, value) in try (settings.value("rules")?.elements ?? []).enumerated() {
            func refuse(_ rule: String) -> PluginError {
                .invalidSettings("rules[\(index)]\(rule).", at: settings.position(of: "rules"))
            }
            guard let members = value.members else { throw refuse(" must be an object") }
            guard let path = members["path"]?.text, let steps = steps(path) else {
                throw refuse(".path must be a JSON Pointer to a place inside the payload, such as /card/number")
            }
            let actionName = members["action"]?.text ?? Action.remove.rawValue
            guard let action = Action(rawValue: actionName) else {
                throw refuse(".action must be one of remove, mask, hash")
            }
            // A number that is whole only by its value, such as 4.0, passes the schema.
            let kept = members["keepLast"].map(\.integer) ?? 0
            guard let kept, kept >= 0 else {
                throw refuse(".keepLast must be an integer of at least 0, without fraction or exponent")
            }
            rules.append(
                Rule(steps: steps, action: action, mask: members["mask"]?.text ?? "***", keptLast: kept))
        }
        guard !rules.isEmpty else {
            throw .invalidSettings("rules must not be empty.", at: settings.position(of: "rules"))
        }
        return rules
    }

    /// Nil for no pointer, for the whole payload, and for a path that ends in `**`.
    private static func steps(_ path: String) -> [Step]? {
        guard let pointer = JSONPointer(path), !pointer.tokens.isEmpty else { return nil }
        var steps: [Step] = []
        for token in pointer.tokens {
            let step: Step =
                token.elementsEqual("*".utf8) ? .any : token.elementsEqual("**".utf8) ? .anyDepth : .named(token)
            // Two of them say no more than one.
            if step != .anyDepth || steps.last != .anyDepth { steps.append(step) }
        }
        return steps.last == .anyDepth ? nil : steps
    }
}
