import Foundation
import Testing

/// A RabbitMQ of one test's own, so that it can be killed. `scripts/services` starts it and knows its processes.
final class PrivateNode {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../scripts/services"
    ).standardizedFileURL

    let url: String
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "hooksentry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try Self.run(["up"], in: folder)
        let exports = try Self.run(["env"], in: folder)
        let line = try #require(exports.split(separator: "\n").first { $0.contains("HOOKSENTRY_AMQP_URL=") })
        url = try #require(line.split(separator: "'").last.map(String.init))
    }

    deinit {
        _ = try? Self.run(["wipe"], in: folder)
        try? FileManager.default.removeItem(at: folder)
    }

    /// kill -9.
    func kill() throws { _ = try Self.run(["stop", "rabbitmq", "--now"], in: folder) }

    /// On the same port as before.
    func start() throws { _ = try Self.run(["start", "rabbitmq"], in: folder) }

    /// Removes all that the node ever knew.
    func wipe() throws { _ = try Self.run(["wipe", "rabbitmq"], in: folder) }

    /// The alarm that makes the broker read no more from publishers.
    func alarm(_ on: Bool) throws {
        _ = try Self.run(["rabbitmqctl", "set_vm_memory_high_watermark", on ? "0" : "0.4"], in: folder)
    }

    private static func run(_ arguments: [String], in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = script
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["RUN_DIR": folder.path]) { $1 }
        process.standardError = FileHandle.standardError
        // A file and not a pipe: the servers inherit it, so a pipe's end would not come.
        let output = folder.appending(path: "output")
        FileManager.default.createFile(atPath: output.path, contents: nil)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOf: output, encoding: .utf8)
        try #require(process.terminationStatus == 0, "scripts/services \(arguments.joined(separator: " ")): \(text)")
        return text
    }
}
