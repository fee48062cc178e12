/// One reader of bytes from outside. `run` traps if a law of the reader does not hold for the input.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable (_ input: [UInt8]) -> Void

    static let all = texts + messages + programs
}

/// Traps with the law that was broken. Laws are kept in release builds, too.
func law(_ holds: Bool, _ sentence: @autoclosure () -> String) {
    if !holds { fatalError(sentence()) }
}

extension [UInt8] {
    /// The input up to the first newline, and what follows it.
    var parted: (first: [UInt8], second: [UInt8]) {
        guard let newline = firstIndex(of: 10) else { return (self, []) }
        return (Array(self[..<newline]), Array(self[(newline + 1)...]))
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}
