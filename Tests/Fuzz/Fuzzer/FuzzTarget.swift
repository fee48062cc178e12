/// One reader of bytes from outside. `run` traps if a law of the reader does not hold for the input.
struct FuzzTarget: Sendable {
    let name: String
    let run: @Sendable (_ input: [UInt8]) -> Void

    static let all = texts + places + requests + messages + programs + plugins + borders
}

/// Traps with the law that was broken. Laws are kept in release builds, too.
func law(_ holds: Bool, _ sentence: @autoclosure () -> String) {
    if !holds { fatalError(sentence()) }
}

extension [UInt8] {
    /// The input up to the first newline, and what follows it.
    var parted: (first: [UInt8], second: [UInt8]) { parted(at: 10) }

    /// The input up to the first such byte, and what follows it.
    func parted(at byte: UInt8) -> (first: [UInt8], second: [UInt8]) {
        guard let index = firstIndex(of: byte) else { return (self, []) }
        return (Array(self[..<index]), Array(self[(index + 1)...]))
    }

    var text: String { String(decoding: self, as: UTF8.self) }
}
