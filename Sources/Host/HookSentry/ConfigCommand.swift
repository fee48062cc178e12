import Config
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
            Log.configure(level: level ?? .info, format: format(configuration))
            return configuration
        } catch {
            for problem in error.problems { Command.complain(problem) }
            return nil
        }
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
