import Foundation
import Glibc
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

    /// Stops its process in its tracks, or lets it go on.
    func freeze(_ on: Bool) throws {
        let status = try Self.run(["status"], in: folder)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("rabbitmq: up, pid ") })
        let process = try #require(pid_t(line.split(separator: " ")[3].prefix { $0.isNumber }))
        try #require(Glibc.kill(process, on ? SIGSTOP : SIGCONT) == 0)
    }

    /// The alarm that makes the broker read no more from publishers.
    func alarm(_ on: Bool) throws {
        _ = try Self.run(["rabbitmqctl", "set_vm_memory_high_watermark", on ? "0" : "0.4"], in: folder)
    }

    // Not Foundation's Process: it takes a program for running until nobody holds a socket that the program's
    // children inherit, and here those are servers that stay.
    private static func run(_ arguments: [String], in folder: URL) throws -> String {
        let output = folder.appending(path: "output").path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        let environment = ProcessInfo.processInfo.environment.merging(["RUN_DIR": folder.path]) { $1 }
        var words = ([script.path] + arguments).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var child = pid_t()
        try #require(posix_spawn(&child, script.path, &actions, nil, &words, &variables) == 0)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 { try #require(errno == EINTR) }
        let text = try String(contentsOfFile: output, encoding: .utf8)
        try #require(status == 0, "scripts/services \(arguments.joined(separator: " ")): \(text)")
        return text
    }
}
