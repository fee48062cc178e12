import JSON

import class PluginKit.Settings

@testable import Redact

/// What the rules of `Redact` say, the slow way: each value is held against every rule, from the first step on.
struct PlainRedaction {
    private let rules: [Rule]

    /// settings: which the plugin has taken.
    init(_ settings: [UInt8]) {
        rules = (try? Rule.list(in: Settings(parsing: settings.span))) ?? []
    }

    /// Whether this is what the rules leave of the value.
    func allows(_ output: JSONValue, of value: JSONValue) -> Bool { allows(output, of: value, at: []) }

    private func allows(_ output: JSONValue, of value: JSONValue, at path: [[UInt8]]) -> Bool {
        if let members = value.members?.members {
            let kept = items(members.map { (Array($0.name.utf8), $0.value) }, path)
            guard let shown = output.members?.members, shown.count == kept.count else { return false }
            return zip(kept, shown).allSatisfy {
                $1.name.utf8.elementsEqual($0.path[path.count]) && isItem($1.value, of: $0.value, at: $0.path)
            }
        }
        guard let elements = value.elements else { return output == value }
        let kept = items(elements.enumerated().map { (Array("\($0)".utf8), $1) }, path)
        guard let shown = output.elements, shown.count == kept.count else { return false }
        return zip(kept, shown).allSatisfy { isItem($1, of: $0.value, at: $0.path) }
    }

    /// Those that no rule removes.
    private func items(
        _ all: [(name: [UInt8], value: JSONValue)], _ path: [[UInt8]]
    ) -> [(path: [[UInt8]], value: JSONValue)] {
        all.map { (path: path + [$0.name], value: $0.value) }.filter { rule(at: $0.path)?.action != .remove }
    }

    private func isItem(_ output: JSONValue, of value: JSONValue, at path: [[UInt8]]) -> Bool {
        guard let rule = rule(at: path) else { return allows(output, of: value, at: path) }
        guard let text = output.text?.utf8 else { return false }
        switch rule.action {
        case .remove: return false
        case .hash: return text.count == 64
        case .mask: return rule.keptLast == 0 ? text.elementsEqual(rule.mask.utf8) : text.starts(with: rule.mask.utf8)
        }
    }

    private func rule(at path: [[UInt8]]) -> Rule? {
        rules.first { Self.leads($0.steps, to: path) }
    }

    private static func leads(_ steps: [Rule.Step], to path: [[UInt8]]) -> Bool {
        // By step: whether the path up to here can have led there.
        var reached = [Bool](repeating: false, count: steps.count + 1)
        reached[0] = true
        for (index, step) in steps.enumerated() where step == .anyDepth && reached[index] { reached[index + 1] = true }
        for name in path {
            var next = [Bool](repeating: false, count: steps.count + 1)
            for (index, step) in steps.enumerated() {
                switch step {
                case .named(let wanted): if reached[index], wanted == name { next[index + 1] = true }
                case .any: if reached[index] { next[index + 1] = true }
                case .anyDepth: if reached[index] { next[index] = true }
                }
                if step == .anyDepth, next[index] { next[index + 1] = true }
            }
            reached = next
        }
        return reached[steps.count]
    }
}
