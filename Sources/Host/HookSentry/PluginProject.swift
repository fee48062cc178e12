import Glibc
import PluginTemplates
import Ports

/// `hooksentry plugin new`: writes a small project that builds, passes the check and waits to be changed.
struct PluginProject {
    /// Longer names would not fit the interface's 60 bytes with something behind them.
    private static let nameBytesMax = 40
    static let languages = ["c", "cpp", "swift", "rust", "zig"]

    private let name: String
    private let kind: PluginKind
    private let language: String
    private let parent: String

    /// Nil: only the usage was wanted, and has been printed.
    init?(_ arguments: inout Arguments, usage: String) throws(UsageError) {
        let first = arguments.word()
        let kindWord = try arguments.value("--kind", usage: usage)
        let language = try arguments.value("--lang", usage: usage)
        parent = try arguments.value("--into", usage: usage) ?? "."
        let name = first ?? arguments.word()
        if try arguments.finish(usage: usage) { return nil }
        guard let name else { throw UsageError("name the plugin", usage: usage) }
        guard Self.isName(name) else {
            throw UsageError(
                "the name must be a letter, then letters and digits, at most \(Self.nameBytesMax)", usage: usage)
        }
        guard let kind = PluginKind.allCases.first(where: { $0.word == kindWord }) else {
            throw UsageError(
                "--kind must be one of \(PluginKind.allCases.map(\.word).joined(separator: ", "))", usage: usage)
        }
        guard let language, Self.languages.contains(language) else {
            throw UsageError("--lang must be one of \(Self.languages.joined(separator: ", "))", usage: usage)
        }
        self.name = name
        self.kind = kind
        self.language = language
    }

    private static func isName(_ name: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
        guard let first = name.utf8.first, isLetter(first), name.utf8.count <= nameBytesMax else { return false }
        return name.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) }
    }

    func run() -> Int32 {
        let folder = "\(parent)/\(name)"
        guard mkdir(folder, 0o755) == 0 else {
            Command.complain("\(folder) cannot be made: \(String(cString: strerror(errno)))")
            return 1
        }
        for file in files {
            guard Self.write(file.bytes, to: "\(folder)/\(file.path)") else {
                Command.complain("\(folder)/\(file.path) cannot be written: \(String(cString: strerror(errno)))")
                return 1
            }
        }
        print("\(folder): " + files.map(\.path).joined(separator: " "))
        print("next: cd \(folder) && make test; its README.md says the rest")
        return 0
    }

    private var files: [(path: String, bytes: [UInt8])] {
        var files: [(path: String, bytes: [UInt8])] = []
        var number = 0
        while let template = plugin_template_at(number) {
            if let file = file(template.pointee) { files.append(file) }
            number += 1
        }
        return files
    }

    private func file(_ template: plugin_template) -> (path: String, bytes: [UInt8])? {
        guard String(cString: template.language) == language,
            template.kind.map({ String(cString: $0) == kind.word }) ?? true
        else { return nil }
        let text = String(
            decoding: UnsafeBufferPointer(start: template.bytes, count: template.size), as: UTF8.self)
        return (String(cString: template.path), Array(filledIn(text).utf8))
    }

    /// The templates carry these words where a project has its own.
    private func filledIn(_ text: String) -> String {
        text.replacing("Template\(Self.templateNames[language] ?? "")", with: name)
            .replacing("TemplateKind", with: kind.name).replacing("TemplatePromise", with: promise)
            .replacing("TemplateUse", with: use)
    }

    private static let templateNames = ["c": "C", "cpp": "Cpp", "swift": "Swift", "rust": "Rust", "zig": "Zig"]

    /// What the template keeps, and its Makefile holds it to.
    private var promise: String {
        switch kind {
        case .authenticator: ""
        case .transformer: "json"
        case .retryPolicy: "monotone"
        }
    }

    private var use: String {
        let use = #"{"plugin": "\#(name)", "settings": {}}"#
        switch kind {
        case .authenticator: return "`\"authenticator\": \(use)`"
        case .transformer: return "`\"transformers\": [\(use)]`"
        case .retryPolicy: return "`\"retryPolicy\": \(use)`"
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "wxe") else { return false }
        let written = fwrite(bytes, 1, bytes.count, file)
        return fclose(file) == 0 && written == bytes.count
    }
}
