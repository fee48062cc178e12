import Glibc
import Synchronization

/// Writes structured lines to standard error: one JSON object a line, or readable text on a terminal.
///
/// Errors are logged once, at the edge, with tenant, event and attempt ids; payloads and secrets never are.
package struct Log: Sendable {
    private let component: String

    /// component: the part that speaks, in lower case: `store`, `broker`, `plugin`.
    package init(_ component: String) { self.component = component }

    package enum Level: Int, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        package init?(name: String) {
            guard let level = Self.allCases.first(where: { "\($0)" == name.lowercased() }) else { return nil }
            self = level
        }

        package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
    }

    package enum Format: Sendable { case json, text }

    private struct Settings {
        var level = Level.info
        var instance = ""
        var format: Format = isatty(2) == 1 ? .text : .json
    }

    private static let settings = Mutex(Settings())

    /// instance: which process of several speaks, in each line of JSON; empty: nothing is said of it.
    package static func configure(level: Level, format: Format? = nil, instance: String = "") {
        settings.withLock {
            $0.level = level
            $0.instance = instance
            if let format { $0.format = format }
        }
    }

    package func debug(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.debug, message, fields)
    }
    package func info(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.info, message, fields)
    }
    package func warning(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.warning, message, fields)
    }
    package func error(_ message: @autoclosure () -> String, _ fields: KeyValuePairs<String, String> = [:]) {
        write(.error, message, fields)
    }

    private func write(_ level: Level, _ message: () -> String, _ fields: KeyValuePairs<String, String>) {
        let settings = Self.settings.withLock { $0 }
        guard level >= settings.level else { return }
        var line = line(level, settings.format, message(), fields, instance: settings.instance)
        // One write a line: lines of several threads do not mix.
        line.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
    }

    /// With its line break; whatever is in message and fields, there is no other.
    func line(
        _ level: Level, _ format: Format, _ message: String, _ fields: KeyValuePairs<String, String>,
        instance: String = ""
    ) -> String {
        switch format {
        case .json: jsonLine(level, message, fields, instance)
        case .text: textLine(level, message, fields)
        }
    }

    private func jsonLine(
        _ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>, _ instance: String
    ) -> String {
        var line = "{\"time\":\"\(utcNow())\",\"level\":\"\(level)\""
        if !instance.isEmpty { line += ",\"instance\":\(quoted(instance))" }
        line += ",\"component\":\(quoted(component)),\"message\":\(quoted(message))"
        for (name, value) in fields { line += ",\(quoted(name)):\(quoted(value))" }
        return line + "}\n"
    }

    private func textLine(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, String>) -> String {
        var line = "\(utcNow().dropFirst(11).dropLast()) \(level) \(component): \(message)"
        for (name, value) in fields {
            line += " \(name)=\(value.contains(where: \.isWhitespace) ? quoted(value) : value)"
        }
        // What comes from outside must neither start a line of its own nor steer the terminal.
        return String(String.UnicodeScalarView(line.unicodeScalars.map { isControl($0) ? " " : $0 })) + "\n"
    }

    private func utcNow() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = now.tv_nsec / 1_000_000
        let padding = milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : ""
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padding)\(milliseconds)Z"
    }

    private func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}":
                result += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
}
