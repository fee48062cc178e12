import Testing

/// What a reader should never have to point out. Patterns are spelt in two halves, so that this file obeys them.
@Suite("Source text")
struct SourceTextTests {
    static let code: Set<Substring> = ["swift", "c", "h", "py", "sql", "sh"]

    static func isCode(_ file: SourceFile) -> Bool {
        code.contains(file.fileExtension) || file.path.hasPrefix("scripts/")
    }

    /// `path:line` of every line that matches.
    static func places(_ files: [SourceFile], where matches: (Substring) -> Bool) -> [String] {
        files.flatMap { file in
            file.lines.enumerated().filter { matches($0.element) }.map { "\(file.path):\($0.offset + 1)" }
        }
    }

    /// Whether a loop begins on the line or shortly before it. A pause in a loop polls a condition or paces bytes;
    /// a pause alone hopes that something has happened.
    static func isInLoop(_ lines: [Substring], at index: Int) -> Bool {
        lines[max(0, index - 4)...index].contains { $0.contains("while ") }
    }

    @Test("The tree is found")
    func treeIsFound() {
        #expect(Tree.files.count > 100)
        #expect(Tree.files.contains { $0.path == "scripts/services" })
        #expect(Tree.files.contains { $0.path.hasPrefix("Tests/TidyTests/") })
    }

    @Test("Files stay short")
    func filesStayShort() {
        let long = Tree.files.filter { Self.isCode($0) && $0.lines.count > 400 }.map { "\($0.path): \($0.lines.count)" }
        #expect(long.isEmpty, "split these by topic: \(long)")
    }

    @Test("Lines fit")
    func linesFit() {
        let long = Self.places(Tree.files.filter(Self.isCode)) { $0.count > 120 }
        #expect(long.isEmpty, "longer than 120 characters: \(long)")
    }

    @Test("Nothing is left for later")
    func nothingIsLeftForLater() {
        let marks = ["TO" + "DO", "FIX" + "ME", "X" + "XX:", "HA" + "CK"]
        let left = Self.places(Tree.files) { line in marks.contains { line.contains($0) } }
        #expect(left.isEmpty, "\(left)")
    }

    @Test("No path of somebody's machine")
    func noMachinePaths() {
        let starts = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/"]
        let found = Self.places(Tree.files) { line in starts.contains { line.contains($0) } }
        #expect(found.isEmpty, "\(found)")
    }

    @Test("Tests wait on conditions, they do not sleep")
    func testsDoNotSleep() {
        let swift = ["Thread.sl" + "eep", "usl" + "eep(", "Task.sl" + "eep", "nanosl" + "eep(", " sl" + "eep("]
        let tests = Tree.files(below: "Tests", extensions: ["swift", "c"])
        let sleeping = tests.flatMap { file in
            file.lines.indices.filter { index in
                swift.contains { file.lines[index].contains($0) } && !Self.isInLoop(file.lines, at: index)
            }.map { "\(file.path):\($0 + 1)" }
        }
        #expect(sleeping.isEmpty, "\(sleeping)")

        // One file of the end-to-end tests polls conditions; all others go through it.
        let scripts = Tree.files(below: "Tests", extensions: ["py"]).filter { $0.name != "conditions.py" }
        let sleepingScripts = Self.places(scripts) { $0.contains("time.sl" + "eep") }
        #expect(sleepingScripts.isEmpty, "\(sleepingScripts)")
    }

    @Test("File names say what is inside")
    func namesSayWhatIsInside() {
        let empty = /(Manager|Helpers?|Utils?|Utilities|Common|Data|Info)\.(swift|c|h|py)$/
        let found = Tree.files.map(\.path).filter { $0.contains(empty) }
        #expect(found.isEmpty, "\(found)")
    }
}
