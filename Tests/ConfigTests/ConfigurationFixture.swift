import Crypto
import Foundation
import Testing

@testable import Config

/// What `serve` cannot do without.
let requiredEnvironment = [
    "HOOKSENTRY_DATABASE_URL": "postgresql://app:pg-password@db/hooksentry",
    "HOOKSENTRY_AMQP_URL": "amqp://app:mq-password@broker/",
    "HOOKSENTRY_MASTER_KEY": Base64.encode(Array(1...32)),
]

/// Runs with a file of this content and removes it.
func withFile<Result>(_ content: String, _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).json").path
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

func load(_ text: String = "{}", _ environment: [String: String] = [:]) throws -> HostConfiguration {
    try withFile(text) { path in
        try HostConfiguration.load(file: path, environment: requiredEnvironment.merging(environment) { $1 })
    }
}

/// The sentences of a configuration that is wrong, with the file's path taken out.
func problems(_ text: String = "{}", _ environment: [String: String] = [:]) throws -> [String] {
    try withFile(text) { path in
        do {
            _ = try HostConfiguration.load(file: path, environment: requiredEnvironment.merging(environment) { $1 })
            return []
        } catch let error as ConfigurationError {
            return error.problems.map { $0.replacingOccurrences(of: path, with: "FILE") }
        }
    }
}
