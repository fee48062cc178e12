import Domain
import JSON
import ManagementAPI
import PluginHost
import Ports

/// `hooksentry plugin simulate`: what a retry policy does after failures, without a server.
struct PluginSimulation {
    static let attemptsDefault = 10
    static let attemptsMax = RetrySimulation.attemptsLimit
    static let seedDefault: UInt64 = 1

    private let name: String
    private let settings: [UInt8]
    private let simulation: RetrySimulation
    private let printsJSON: Bool
    private let configFile: String?

    /// Nil: only the usage was wanted, and has been printed.
    init?(_ arguments: inout Arguments, usage: String) throws(UsageError) {
        let name = arguments.word()
        settings = Array((try arguments.value("--settings", usage: usage) ?? "{}").utf8)
        let attempts = try Self.number("--attempts", &arguments, usage) ?? UInt64(Self.attemptsDefault)
        let seed = try Self.number("--seed", &arguments, usage) ?? Self.seedDefault
        let words = try arguments.value("--failures", usage: usage) ?? "503"
        printsJSON = arguments.flag("--json")
        configFile = try arguments.value("--config", usage: usage)
        if try arguments.finish(usage: usage) { return nil }
        guard let name else { throw UsageError("name the retry policy to simulate", usage: usage) }
        guard (1...UInt64(Self.attemptsMax)).contains(attempts) else {
            throw UsageError("--attempts must be from 1 to \(Self.attemptsMax)", usage: usage)
        }
        self.name = name
        var failures: [RetrySimulation.Failure] = []
        for word in words.split(separator: ",", omittingEmptySubsequences: false) {
            do throws(FailureMistake) {
                failures.append(try RetrySimulation.Failure(text: String(word)))
            } catch {
                throw UsageError("--failures: \(error.sentence)", usage: usage)
            }
        }
        simulation = RetrySimulation(failures: failures, attemptsMax: Int(attempts), seed: seed)
    }

    static func number(
        _ option: String, _ arguments: inout Arguments, _ usage: String
    ) throws(UsageError) -> UInt64? {
        guard let text = try arguments.value(option, usage: usage) else { return nil }
        guard let number = UInt64(text) else { throw UsageError("\(option) must be a whole number", usage: usage) }
        return number
    }

    func run(_ environment: [String: String]) -> Int32 {
        guard let configuration = ConfiguredProcess.load(configFile, environment, purpose: .plugins) else { return 1 }
        let registry = PluginCommand.registry(configuration)
        registry.load()
        defer { registry.stop() }
        let limits = configuration.limits
        let outcome = BoundedCalls().run(name, within: limits.pluginCreate + limits.pluginCall) {
            [name, settings, simulation] in
            Result { () throws(PluginFault) in
                simulation.steps(
                    of: try registry.makeRetryPolicy(name, settings: settings, storageKey: "simulation"))
            }
        }
        switch outcome {
        case .stuck: Command.complain("the retry policy \(name) did not come back in time")
        case .finished(.failure(let fault)): Command.complain(fault.sentence)
        case .finished(.success(let steps)):
            for step in steps { print(printsJSON ? step.document.serializedText() : Self.line(step)) }
            return steps.contains { if case .fault = $0.next { true } else { false } } ? 1 : 0
        }
        return 1
    }

    /// `attempt 2 fails at 0:00:10.000 (timeout): again after 0:00:20.000`
    private static func line(_ step: RetrySimulation.Step) -> String {
        let failure = step.failure.httpStatus > 0 ? "\(step.failure.httpStatus)" : step.failure.outcome.rawValue
        let next =
            switch step.next {
            case .again(let delay): "again after \(delay.asClock)"
            case .giveUp: "gives up"
            case .attemptsUsedUp: "attempts used up"
            case .fault(let sentence): "fault: \(sentence)"
            }
        return "attempt \(step.attemptNumber) fails at \(step.elapsed.asClock) (\(failure)): \(next)"
    }
}

extension Duration {
    /// `0:00:10.000`
    fileprivate var asClock: String {
        let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let seconds = milliseconds / 1_000
        return "\(seconds / 3_600):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
            + ".\(padded(milliseconds % 1_000, 3))"
    }
}
