import Synchronization

/// A schema's `pattern`, compiled once. It may match anywhere in a text, as in ECMA-262.
final class SettingsPattern: Sendable {
    let source: String
    // A Regex compiles its program on first use and is not Sendable. Settings are checked when somebody saves them
    // and when an instance is made, so one at a time is enough.
    private let regex: Mutex<Compiled>

    private struct Compiled: @unchecked Sendable {
        var regex: Regex<AnyRegexOutput>
    }

    /// Nil if the text is no regular expression.
    init?(_ source: String) {
        guard let regex = try? Regex(source) else { return nil }
        self.source = source
        // ECMA-262 has ASCII classes and matches code points, not grapheme clusters: with the latter, "\r\n" would be
        // one character that [^\n] accepts.
        let compiled = Compiled(regex: regex.asciiOnlyCharacterClasses().matchingSemantics(.unicodeScalar))
        self.regex = Mutex(compiled)
    }

    func matches(_ text: String) -> Bool {
        regex.withLock { text.firstMatch(of: $0.regex) != nil }
    }
}
