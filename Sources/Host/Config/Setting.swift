import Domain

/// A value as the file or the environment gives it.
enum SettingValue: Equatable {
    case integer(Int)
    case flag(Bool)
    case text(String)
    case list([String])
    /// Of a form no setting has; in words.
    case other(String)

    var description: String {
        switch self {
        case .integer(let number): String(number)
        case .flag(let flag): String(flag)
        case .text(let text): "\"\(text)\""
        case .list(let items): "[" + items.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
        case .other(let words): words
        }
    }
}

/// One thing that can be set: by its name in the file, and as `HOOKSENTRY_` and the name in capitals in the
/// environment.
struct Setting {
    enum Form: Equatable {
        case integer, flag, text
        /// separator: between the items in the environment.
        case list(separator: Character)
    }

    /// With its group: `limits.ingest_body_bytes`.
    let name: String
    let form: Form
    /// Completes "… must be": `a whole number from 1 to 10`.
    let rule: String
    /// Never shown in a sentence.
    let isSecret: Bool
    /// False: the value breaks the rule, and nothing was changed.
    let apply: (inout HostConfiguration, SettingValue) -> Bool
    let current: (HostConfiguration) -> SettingValue
    /// Which part of a value that is never shown breaks the rule: "entry 2 of 3".
    var culprit: (SettingValue) -> String? = { _ in nil }

    var environmentName: String {
        "HOOKSENTRY_" + String(name.uppercased().map { $0 == "." ? "_" : $0 })
    }

    /// What a variable's text stands for; values it cannot mean are left as text, which then breaks the rule.
    func value(fromEnvironment text: String) -> SettingValue {
        switch form {
        case .text: return .text(text)
        case .integer: return Int(text).map(SettingValue.integer) ?? .text(text)
        case .flag:
            switch text.lowercased() {
            case "true", "1", "yes", "on": return .flag(true)
            case "false", "0", "no", "off": return .flag(false)
            default: return .text(text)
            }
        case .list(let separator):
            return .list(text.split(separator: separator).map { trimmed($0) }.filter { !$0.isEmpty })
        }
    }
}

/// Without white space at either end.
func trimmed(_ text: some StringProtocol) -> String {
    let front = text.drop { $0.isWhitespace }
    return String(front[..<(front.lastIndex { !$0.isWhitespace }.map { front.index(after: $0) } ?? front.startIndex)])
}

// MARK: How settings of each form are made

extension Setting {
    static func number(
        _ name: String, _ path: WritableKeyPath<HostConfiguration, Int>, _ range: ClosedRange<Int>, unit: String = ""
    ) -> Setting {
        Setting(
            name: name, form: .integer, rule: numberRule(range, unit), isSecret: false,
            apply: { configuration, value in
                guard case .integer(let number) = value, range.contains(number) else { return false }
                configuration[keyPath: path] = number
                return true
            },
            current: { .integer($0[keyPath: path]) })
    }

    /// unit: the one that the name ends in.
    static func duration(
        _ name: String, _ path: WritableKeyPath<HostConfiguration, Duration>, _ range: ClosedRange<Int>
    ) -> Setting {
        let isMilliseconds = name.hasSuffix("_ms")
        return Setting(
            name: name, form: .integer, rule: numberRule(range, isMilliseconds ? "milliseconds" : "seconds"),
            isSecret: false,
            apply: { configuration, value in
                guard case .integer(let number) = value, range.contains(number) else { return false }
                configuration[keyPath: path] = isMilliseconds ? .milliseconds(number) : .seconds(number)
                return true
            },
            current: {
                let milliseconds = Int($0[keyPath: path].inMilliseconds)
                return .integer(isMilliseconds ? milliseconds : milliseconds / 1_000)
            })
    }

    static func flag(_ name: String, _ path: WritableKeyPath<HostConfiguration, Bool>) -> Setting {
        Setting(
            name: name, form: .flag, rule: "true or false", isSecret: false,
            apply: { configuration, value in
                guard case .flag(let flag) = value else { return false }
                configuration[keyPath: path] = flag
                return true
            },
            current: { .flag($0[keyPath: path]) })
    }

    /// read: nil for a text that breaks the rule.
    static func text<Value>(
        _ name: String, _ path: WritableKeyPath<HostConfiguration, Value>, rule: String, isSecret: Bool = false,
        read: @escaping (String) -> Value?, write: @escaping (Value) -> String
    ) -> Setting {
        Setting(
            name: name, form: .text, rule: rule, isSecret: isSecret,
            apply: { configuration, value in
                guard case .text(let text) = value, let read = read(text) else { return false }
                configuration[keyPath: path] = read
                return true
            },
            current: { .text(write($0[keyPath: path])) })
    }

    static func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<HostConfiguration, Value>
    ) -> Setting {
        .text(
            name, path, rule: "one of " + Value.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "),
            read: { Value(rawValue: $0.lowercased()) }, write: { $0.rawValue })
    }

    /// read: nil for an item that breaks the rule.
    static func list<Item>(
        _ name: String, _ path: WritableKeyPath<HostConfiguration, [Item]>, rule: String, separator: Character = ",",
        mayBeEmpty: Bool = true, read: @escaping (String) -> Item?, write: @escaping (Item) -> String
    ) -> Setting {
        Setting(
            name: name, form: .list(separator: separator), rule: rule, isSecret: false,
            apply: { configuration, value in
                guard case .list(let texts) = value, mayBeEmpty || !texts.isEmpty else { return false }
                let items = texts.compactMap(read)
                guard items.count == texts.count else { return false }
                configuration[keyPath: path] = items
                return true
            },
            current: { .list($0[keyPath: path].map(write)) })
    }

    private static func numberRule(_ range: ClosedRange<Int>, _ unit: String) -> String {
        "a whole number from \(range.lowerBound) to \(range.upperBound)" + (unit.isEmpty ? "" : " (\(unit))")
    }
}
