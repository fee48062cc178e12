/// Reads a command line: words first, then options in any order, `--name VALUE` or `--name=VALUE`.
struct Arguments {
    private var left: [String]

    init(_ arguments: [String]) { left = arguments }

    /// The next word that is not an option.
    mutating func word() -> String? {
        guard let first = left.first, !first.hasPrefix("-") else { return nil }
        return left.removeFirst()
    }

    mutating func flag(_ name: String) -> Bool {
        guard let index = left.firstIndex(of: name) else { return false }
        left.remove(at: index)
        return true
    }

    mutating func value(_ name: String, usage: String) throws(UsageError) -> String? {
        guard let index = left.firstIndex(where: { $0 == name || $0.hasPrefix(name + "=") }) else { return nil }
        let option = left.remove(at: index)
        if option.hasPrefix(name + "=") { return String(option.dropFirst(name.count + 1)) }
        guard index < left.count else { throw UsageError("\(name) needs a value", usage: usage) }
        return left.remove(at: index)
    }

    /// Everything that is left, understood or not.
    mutating func rest() -> [String] {
        defer { left = [] }
        return left
    }

    /// Prints the usage if it was asked for; true then. Otherwise nothing may be left over.
    mutating func finish(usage: String) throws(UsageError) -> Bool {
        if flag("--help") || flag("-h") {
            print(usage)
            return true
        }
        if let first = left.first { throw UsageError("'\(first)' is not understood here", usage: usage) }
        return false
    }
}
