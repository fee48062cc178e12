import PluginHost

/// `hooksentry plugin check`: holds a library to the interface, in processes of its own.
struct PluginTrial {
    /// What the checking processes are started with.
    static let childWord = "check-in-child"

    private let path: String
    private let plan: CheckPlan
    private let printsJSON: Bool

    /// Nil: only the usage was wanted, and has been printed.
    init?(_ arguments: inout Arguments, usage: String) throws(UsageError) {
        let path = arguments.word()
        var plan = CheckPlan()
        if let seed = try PluginSimulation.number("--seed", &arguments, usage) { plan.seed = seed }
        if let seconds = try PluginSimulation.number("--seconds", &arguments, usage) {
            guard seconds <= UInt64(CheckPlan.fuzzSecondsMax) else {
                throw UsageError("--seconds must be at most \(CheckPlan.fuzzSecondsMax)", usage: usage)
            }
            plan.fuzzMilliseconds = Int(seconds) * 1_000
        }
        for word in try arguments.value("--promise", usage: usage)?.split(separator: ",") ?? [] {
            guard let promise = CheckPlan.Promise(rawValue: String(word)) else {
                let known = CheckPlan.Promise.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError("--promise must be of \(known)", usage: usage)
            }
            plan.promises.insert(promise)
        }
        plan.stopsAtFailure = arguments.flag("--fail-fast")
        printsJSON = arguments.flag("--json")
        if try arguments.finish(usage: usage) { return nil }
        guard let path else { throw UsageError("name the library to check", usage: usage) }
        self.path = path
        self.plan = plan
    }

    func run() -> Int32 {
        let promises = plan.promises.map(\.rawValue).sorted()
        let replay = ["hooksentry plugin check \(path)"]
            + (promises.isEmpty ? [] : ["--promise \(promises.joined(separator: ","))"])
        let report = PluginCheck.runInChildren(
            executable: ProcessEnvironment.executablePath(), arguments: ["plugin", Self.childWord, path], plan: plan,
            replay: replay.joined(separator: " "))
        print(printsJSON ? report.jsonLines : report.text, terminator: "")
        return report.passed ? 0 : 1
    }

    /// The child's side: a path, and the words of a plan.
    static func runInChild(_ arguments: inout Arguments, usage: String) throws(UsageError) -> Int32 {
        guard let path = arguments.word() else { throw UsageError("name the library to check", usage: usage) }
        var words: [String] = []
        while let word = arguments.word() { words.append(word) }
        guard let plan = CheckPlan(words: words) else { throw UsageError("no plan of a check", usage: usage) }
        return PluginCheck.runChecks(path, plan) ? 0 : 1
    }
}
