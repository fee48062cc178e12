import Foundation
import Testing

private let headers = [
    "hooksentry_plugin.h", "hooksentry/authenticator.h", "hooksentry/entry.h", "hooksentry/host.h",
    "hooksentry/retry_policy.h", "hooksentry/transformer.h", "hooksentry/types.h", "hooksentry/version.h",
]

@Suite("The public headers")
struct HeaderTests {
    @Test(
        "Each header compiles alone, without a warning, in C and in C++", arguments: headers,
        [("cc", "c", "c11"), ("cc", "c", "c17"), ("c++", "c++", "c++17")])
    func compilesAlone(header: String, compiler: (program: String, language: String, standard: String)) throws {
        let complaints = try Repository.complaints(
            of: compiler.program,
            [
                "-fsyntax-only", "-x", compiler.language, "-std=\(compiler.standard)", "-Wall", "-Wextra", "-Wpedantic",
                "-Werror", "-I\(Repository.include.path)", "-",
            ],
            // A header of macros alone would be an empty unit, which C does not allow.
            source: "#include <\(header)>\nextern int probe;\n")
        #expect(complaints.isEmpty)
    }

    @Test("No header is left out of these tests or of the umbrella")
    func isComplete() throws {
        let folder = Repository.include.appendingPathComponent("hooksentry")
        let found = try FileManager.default.contentsOfDirectory(atPath: folder.path).map { "hooksentry/\($0)" }
        #expect(Set(found) == Set(headers.dropFirst()))
        let umbrella = try Repository.text("Sources/PluginAPI/include/hooksentry_plugin.h")
        for header in headers.dropFirst() { #expect(umbrella.contains("#include \"\(header)\"")) }
    }

    @Test("The C template builds with nothing but a compiler and the headers")
    func buildsTemplate() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let complaints = try Repository.complaints(
            of: "cc",
            [
                "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-I\(Repository.include.path)",
                Repository.root.appendingPathComponent("Plugins/Template/C/authenticator.c").path, "-o",
                folder.appendingPathComponent("libTemplate.so").path,
            ])
        #expect(complaints.isEmpty)
    }
}
