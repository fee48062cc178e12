import Foundation

/// The files of this repository as the tidy tests see them: text, by path from the root.
struct SourceFile {
    /// From the root of the repository, for instance `Sources/Host/Domain/ID.swift`.
    var path: String
    var lines: [Substring]

    var name: Substring { path.split(separator: "/").last ?? "" }
    var fileExtension: Substring { name.split(separator: ".").last ?? "" }

    /// The modules named by import lines, whatever attributes or access levels stand before the word, and for
    /// imports of one declaration (`import func Glibc.poll`) the module alone.
    var imports: [String] {
        let declaration = /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:\w+\s+)?import\s+(\w+)(?:\s+(\w+))?/
        return lines.compactMap { line in
            guard let match = line.firstMatch(of: declaration) else { return nil }
            return String(match.2 ?? match.1)
        }
    }
}

enum Tree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let folders = ["Sources", "Plugins", "Tests", "scripts", "docs", "config"]
    private static let textExtensions: Set<Substring> = [
        "swift", "c", "h", "map", "modulemap", "py", "sh", "sql", "md", "json", "html", "css", "js",
    ]

    /// Every text file below the folders above and at the root; what a build left behind is not looked at.
    static let files: [SourceFile] = {
        let top = (try? FileManager.default.contentsOfDirectory(atPath: root.path)) ?? []
        let below = folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)?.allObjects ?? [])
                .compactMap { $0 as? String }.map { "\(folder)/\($0)" }
        }
        return (top + below).sorted().compactMap(text(at:))
    }()

    static func text(at path: String) -> SourceFile? {
        let url = root.appendingPathComponent(path)
        var file = SourceFile(path: path, lines: [])
        let isScript = path.hasPrefix("scripts/") && !file.name.contains(".")
        guard isScript || textExtensions.contains(file.fileExtension) || path == "Makefile",
            let text = try? String(contentsOf: url, encoding: .utf8)
        else { return nil }
        file.lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return file
    }

    static func files(below folder: String, extensions: Set<Substring>) -> [SourceFile] {
        files.filter { $0.path.hasPrefix(folder + "/") && extensions.contains($0.fileExtension) }
    }
}
