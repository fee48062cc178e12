import Config
import PluginHost
import Ports
import PostgresStore

/// `hooksentry plugin list` and `hooksentry plugin check`.
enum PluginCommand {
    /// The faulty plugins that the tests build into the same folder.
    static let testPrefixes = ["libFault_"]

    /// What the checking process is started with.
    private static let childWord = "check-in-child"

    /// What the process of an isolated library is started with.
    static let hostWord = "plugin-host"

    static let usage = """
        usage: hooksentry plugin list [--all] [--config FILE]
               hooksentry plugin check PATH

        list    every component with kind, version, library and digest, where it is used (if the database can be
                reached), and each library that was refused with the reason
                --all   also libraries that are no plugins
        check   loads the library in a process of its own and calls all it offers with empty, huge, malformed and random
                input; prints each check, and a complaint for each that fails
        """

    static func run(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) -> Int32 {
        switch arguments.word() {
        case "list":
            let all = arguments.flag("--all")
            let file = try arguments.value("--config", usage: usage)
            if try arguments.finish(usage: usage) { return 0 }
            return list(file, environment, all: all)
        case "check":
            let path = arguments.word()
            if try arguments.finish(usage: usage) { return 0 }
            guard let path else { throw UsageError("name the library to check", usage: usage) }
            return check(path)
        case childWord:
            guard let path = arguments.word() else { throw UsageError("name the library to check", usage: usage) }
            return PluginCheck.runAllChecks(path) ? 0 : 1
        case nil:
            if try arguments.finish(usage: usage) { return 0 }
            throw UsageError("say 'plugin list' or 'plugin check'", usage: usage)
        case .some(let unknown):
            throw UsageError("there is no command 'plugin \(unknown)'", usage: usage)
        }
    }

    /// Of the libraries that the configuration names; nothing is loaded yet.
    static func registry(_ configuration: HostConfiguration) -> PluginRegistry {
        let executable = ProcessEnvironment.executablePath()
        return PluginRegistry(
            directories: configuration.pluginDirectories(besideExecutable: executable),
            ignoredPrefixes: testPrefixes,
            digestAllowList: configuration.pluginDigests.isEmpty ? nil : configuration.pluginDigests,
            allowsHTTP: configuration.allowHTTP, isolation: isolation(configuration, executable),
            limits: configuration.limits)
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

    private static func check(_ path: String) -> Int32 {
        let report = PluginCheck.runInChild(
            executable: ProcessEnvironment.executablePath(), arguments: ["plugin", childWord, path])
        print(report.text, terminator: "")
        return report.passed ? 0 : 1
    }
}
