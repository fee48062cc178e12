import Testing

/// Reference pages say all that the source offers, and nothing more.
@Suite("Reference pages")
struct ReferenceTests {
    static func text(_ path: String) throws -> String {
        try #require(Tree.text(at: path), "\(path) is missing").lines.joined(separator: "\n")
    }

    @Test("docs/operators/metrics.md lists every metric of the sources")
    func metricsAreListed() throws {
        let page = try Self.text("docs/operators/metrics.md")
        let listed = Set(page.matches(of: /^\| `(hooksentry_\w+)`/.anchorsMatchLineEndings()).map { String($0.1) })
        let sources = Tree.files(below: "Sources/Host", extensions: ["swift"]).filter { !$0.path.contains("/Demo/") }
        let used = Set(
            sources.flatMap { file in
                file.lines.joined(separator: "\n").matches(of: /"(hooksentry_[a-z_]+)"/).map { String($0.1) }
            })
        try #require(used.count > 20)
        #expect(used.subtracting(listed).sorted() == [])
        #expect(listed.subtracting(used).sorted() == [])
    }

    @Test("docs/operators/configuration.md lists every setting")
    func settingsAreListed() throws {
        let page = try Self.text("docs/operators/configuration.md")
        let source = try Self.text("Sources/Host/Config/Setting+All.swift")
        let settings = Set(
            source.matches(of: /\.(?:text|list|flag|duration|choice|number)\(\s*"([a-z_.]+)"/).map { String($0.1) })
        try #require(settings.count > 30)
        let listed = Set(page.matches(of: /^\| (.*?) \|/.anchorsMatchLineEndings()).flatMap { row in
            row.1.matches(of: /`([a-z_.]+)`/).map { String($0.1) }
        })
        #expect(settings.subtracting(listed).sorted() == [])
        #expect(listed.subtracting(settings).sorted() == [])
    }
}
