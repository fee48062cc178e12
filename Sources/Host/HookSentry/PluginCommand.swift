import Config
import PluginHost
import Ports
import PostgresStore

/// `hooksentry plugin list` and what else goes with plugins.
enum PluginCommand {
    /// The faulty plugins that the tests build into the same folder.
    static let testPrefixes = ["libFault_"]

    /// What the process of an isolated library is started with.
    static let hostWord = "plugin-host"

    static let usage = """
        usage: hooksentry plugin list [--all] [--config FILE] | --running [--url URL]
               hooksentry plugin new NAME --kind KIND --lang LANGUAGE [--into DIR]
               hooksentry plugin check PATH [--seed N] [--seconds S] [--promise LIST] [--fail-fast] [--json]
               hooksentry plugin simulate NAME [--settings JSON] [--failures LIST] [--attempts N] [--seed N] [--json]
                                               [--config FILE]
               hooksentry plugin reload [--url URL]

        list      every component with kind, version, library and digest, where it is used (if the database can be
                  reached), and each library that was refused with the reason
                  --all            also libraries that are no plugins
                  --running        what a running server has loaded, and the state of each library: serving, restarting,
                                   quarantined; needs the operator token, and exits with 1 if one does not serve
                  --url URL        that server; default: http:// and the setting listen
                  --config FILE    names the directories and the database, where the environment does not
        new       writes a small project into DIR/NAME that builds, passes the check and waits to be changed
                  --kind KIND      authenticator, transformer or retry-policy
                  --lang LANGUAGE  \(PluginProject.languages.joined(separator: ", "))
        check     holds a library to the interface, in processes of its own: calls all it offers with empty, huge,
                  malformed and random input, from several threads, ten thousand instances long; prints each check, and
                  a complaint for each that fails
                  --seed N         what all chance comes from; a failure names the one that repeats it
                  --seconds S      how long to try random work (default \(CheckPlan.fuzzSecondsDefault))
                  --promise LIST   also hold it to its author's word: monotone (a retry policy's delays never shrink),
                                   json (what a transformer makes of JSON is JSON)
                  --fail-fast      leave out what comes after a check that fails
                  --json           one JSON object a line: check, component, passed, reason, seed, milliseconds
        simulate  asks a retry policy what it would do after each failed attempt; the same seed gives the same jitter
                  --failures LIST  how they fail, the last one goes for the rest: HTTP statuses and outcomes (timeout,
                                   connect, tls, dns, ...), each with :SECONDS if it asked to wait: 503,429:60
                  --settings JSON  the policy's; default: {}
                  --attempts N     at most \(PluginSimulation.attemptsMax) (default \(PluginSimulation.attemptsDefault))
                  --seed N         what its random numbers come from
                  --json           one JSON object a line
        reload    tells a running server to load what is new or changed, and prints what came of it
        """

    static func run(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) -> Int32 {
        switch arguments.word() {
        case "list":
            let url = try arguments.value("--url", usage: usage)
            if arguments.flag("--running") || url != nil {
                if try arguments.finish(usage: usage) { return 0 }
                let report = OperatorCall(url: url, environment).send("GET", "/api/v1/admin/plugins")
                return report.map { RunningPlugins($0).show() } ?? 1
            }
            let all = arguments.flag("--all")
            let file = try arguments.value("--config", usage: usage)
            if try arguments.finish(usage: usage) { return 0 }
            return list(file, environment, all: all)
        case "check":
            guard let trial = try PluginTrial(&arguments, usage: usage) else { return 0 }
            return trial.run()
        case "new":
            guard let project = try PluginProject(&arguments, usage: usage) else { return 0 }
            return project.run()
        case "simulate":
            guard let simulation = try PluginSimulation(&arguments, usage: usage) else { return 0 }
            return simulation.run(environment)
        case "reload": return try PluginReloadCommand(&arguments, environment).run()
        case PluginTrial.childWord: return try PluginTrial.runInChild(&arguments, usage: usage)
        case nil:
            if try arguments.finish(usage: usage) { return 0 }
            throw UsageError("say what to do with plugins: list, new, check, simulate or reload", usage: usage)
        case .some(let unknown):
            throw UsageError("there is no command 'plugin \(unknown)'", usage: usage)
        }
    }

    /// Of the libraries that the configuration names; nothing is loaded yet.
    static func registry(
        _ configuration: HostConfiguration, quarantineWatch: @escaping QuarantineWatch = { _ in }
    ) -> PluginRegistry {
        let executable = ProcessEnvironment.executablePath()
        return PluginRegistry(
            directories: configuration.pluginDirectories(besideExecutable: executable),
            ignoredPrefixes: testPrefixes,
            digestAllowList: configuration.pluginDigests.isEmpty ? nil : configuration.pluginDigests,
            allowsHTTP: configuration.allowHTTP, isolation: isolation(configuration, executable),
            limits: configuration.limits, quarantineWatch: quarantineWatch)
    }

    private static func isolation(_ configuration: HostConfiguration, _ executable: String) -> PluginIsolation {
        let standard: PluginIsolation.Mode? =
            switch configuration.pluginIsolation {
            case .auto: nil
            case .process: .process
            case .inProcess: .inProcess
            }
        let exceptions = configuration.pluginIsolationByLibrary.map { exception in
            (exception.library, exception.isIsolated ? PluginIsolation.Mode.process : .inProcess)
        }
        return PluginIsolation(
            standard: standard, byLibrary: Dictionary(exceptions, uniquingKeysWith: { $1 }),
            ownDirectories: HostConfiguration.shippedPluginDirectories(besideExecutable: executable),
            executable: executable, arguments: [hostWord])
    }

    private static func list(_ file: String?, _ environment: [String: String], all: Bool) -> Int32 {
        guard let configuration = ConfiguredProcess.load(file, environment, purpose: .plugins) else { return 1 }
        let registry = registry(configuration)
        registry.load()
        defer { registry.stop() }
        let used = uses(configuration.databaseURL)
        print(PluginInventory(registry).text(includingSkipped: all, uses: used), terminator: "")
        return registry.refusals.isEmpty ? 0 : 1
    }

    /// Nil if no database is configured or it does not answer.
    private static func uses(_ url: String) -> ((PluginDescription) -> String)? {
        guard !url.isEmpty else { return nil }
        let store = PostgresStore(url: url, session: .management("plugin list"))
        defer { store.close() }
        guard let rows = try? store.pluginUse() else { return nil }
        return { component in
            let count = rows.first { $0.kind == component.kind && $0.plugin == component.name }?.destinations ?? 0
            return count == 1 ? "1 destination" : "\(count) destinations"
        }
    }
}
