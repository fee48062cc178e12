import Foundation
import Testing

@Suite("Documentation")
struct DocumentationTests {
    @Test("Every plugin folder explains itself")
    func pluginsHavePages() throws {
        let plugins = Tree.root.appendingPathComponent("Plugins").path
        let folders = try FileManager.default.contentsOfDirectory(atPath: plugins)
        try #require(folders.count >= 8)
        for folder in folders where !["Kit", "Template"].contains(folder) && !folder.hasSuffix(".md") {
            let page = Tree.text(at: "Plugins/\(folder)/README.md")
            #expect((page?.lines.count ?? 0) > 1, "Plugins/\(folder) has no README.md with more than a title")
        }
    }

    @Test("Links between pages lead somewhere")
    func linksLeadSomewhere() {
        for page in Tree.files where page.fileExtension == "md" {
            let folder = Tree.root.appendingPathComponent(page.path).deletingLastPathComponent()
            for match in page.lines.joined(separator: "\n").matches(of: /\]\(([^)#\s]+)(?:#[^)]*)?\)/) {
                let target = String(match.1)
                if target.contains("://") || target.hasPrefix("mailto:") { continue }
                let path = folder.appendingPathComponent(target).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: path), "\(page.path) links to \(target)")
            }
        }
    }

    @Test("Make targets named in pages exist")
    func makeTargetsExist() throws {
        let makefile = try #require(Tree.text(at: "Makefile"))
        let targets = Set(makefile.lines.compactMap { $0.firstMatch(of: /^([a-z-]+):/).map { String($0.1) } })
        for page in Tree.files where page.fileExtension == "md" {
            for match in page.lines.joined(separator: "\n").matches(of: /`make ([a-z-]+)`/) {
                #expect(targets.contains(String(match.1)), "\(page.path) names make \(match.1)")
            }
        }
    }

    @Test("The plugin in the README compiles with nothing but the public header, and exports its entry alone")
    func readmePluginCompiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("readme-plugin-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        let readme = try #require(Tree.text(at: "README.md")).lines.joined(separator: "\n")
        let snippet = try #require(readme.firstMatch(of: /```c\n((?:.|\n)*?)```/), "README.md shows no plugin in C").1
        let source = folder.appendingPathComponent("plugin.c")
        try String(snippet).write(to: source, atomically: true, encoding: .utf8)

        let library = folder.appendingPathComponent("plugin.so").path
        let compiler = try run(
            "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden", "-fPIC", "-shared",
            "-I", Tree.root.appendingPathComponent("Sources/PluginAPI/include").path, "-o", library, source.path)
        #expect(compiler.code == 0, "\(compiler.output)")
        let symbols = try run("nm", "-D", "--defined-only", library).output
        #expect(symbols.contains(" T hks_plugin_entry"), "\(symbols)")
    }

    private func run(_ arguments: String...) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
