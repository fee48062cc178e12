import Testing

/// What Package.swift declares, read as text: its targets are one line each for this purpose.
struct Manifest {
    /// Host module to the modules it names as dependencies, the executable included.
    var hostArrows: [String: Set<String>] = [:]
    /// Plugin target to the modules it names beyond those that every plugin has.
    var pluginArrows: [String: Set<String>] = [:]
    var systemLibraries: Set<String> = []

    init() throws {
        let text = try #require(Tree.text(at: "Package.swift")).lines.joined(separator: "\n")
        for match in text.matches(of: /\bhost\(\s*"(\w+)"(?:,\s*\[([^\]]*)\])?/) {
            hostArrows[String(match.1)] = Self.words(in: match.2 ?? "")
        }
        let executable = /\.executableTarget\(\s*name: "(\w+)",\s*dependencies: \[([^\]]*)\],\s*path: "Sources\/Host\//
        for match in text.matches(of: executable) {
            hostArrows[String(match.1)] = Self.words(in: match.2)
        }
        for match in text.matches(of: /\bsystem\("(\w+)"|\.systemLibrary\(name: "(\w+)"/) {
            systemLibraries.insert(String(match.1 ?? match.2 ?? ""))
        }
        for match in text.matches(of: /\b(?:swiftPlugin|cPlugin)\("(\w+)"([^\n]*)\)/) {
            let list = match.2.firstMatch(of: /(?:^|[^:]) \[([^\]]*)\]/)?.1 ?? ""
            pluginArrows[String(match.1)] = Self.words(in: list)
        }
    }

    private static func words(in list: Substring) -> Set<String> {
        Set(list.matches(of: /"(\w+)"/).map { String($0.1) })
    }
}
