import Config
import Glibc
import Telemetry

/// `hooksentry config check`: reads the configuration and says what is wrong with it.
struct ConfigCommand {
    static let usage = """
        usage: hooksentry config check [--config FILE]

        Reads the file and the HOOKSENTRY_… variables as `serve` would, and prints either that all is well or one
        sentence for each problem.
        """

    private let file: String?
    private let environment: [String: String]
    private let helped: Bool

    init(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) {
        let word = arguments.word()
        file = try arguments.value("--config", usage: Self.usage)
        helped = try arguments.finish(usage: Self.usage)
        guard helped || word == "check" else { throw UsageError("say 'config check'", usage: Self.usage) }
        self.environment = environment
    }

    func run() -> Int32 {
        if helped { return 0 }
        guard ConfiguredProcess.load(file, environment) != nil else { return 1 }
        print("the configuration is good")
        return 0
    }
}

enum ConfiguredProcess {
    /// Reads the configuration; nil after its problems have been printed.
    static func load(
        _ file: String?, _ environment: [String: String], purpose: HostConfiguration.Purpose = .serve
    ) -> HostConfiguration? {
        do throws(ConfigurationError) {
            let configuration = try HostConfiguration.load(file: file, environment: environment, purpose: purpose)
            // Short commands say what a person has to know themselves; only serving is told by its log.
            let level = purpose == .serve ? Log.Level(name: configuration.logLevel.rawValue) : .error
            Log.configure(level: level ?? .info, format: format(configuration), instance: instance(configuration))
            return configuration
        } catch {
            for problem in error.problems { Command.complain(problem) }
            return nil
        }
    }

    private static func instance(_ configuration: HostConfiguration) -> String {
        guard configuration.instanceName.isEmpty else { return configuration.instanceName }
        // As much as Linux takes for a host's name, and the end of the text.
        var name = [CChar](repeating: 0, count: 65)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Nil: what suits where the lines go.
    private static func format(_ configuration: HostConfiguration) -> Log.Format? {
        switch configuration.logFormat {
        case .auto: nil
        case .json: .json
        case .text: .text
        }
    }
}
