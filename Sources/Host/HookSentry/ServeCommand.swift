import Config
import Glibc
import Telemetry

/// `hooksentry serve`: the platform.
struct ServeCommand {
    static let usage = """
        usage: hooksentry serve [--config FILE] [--roles api,worker]

        Runs until SIGTERM or Ctrl-C, then stops accepting, finishes or hands back what is in flight, and ends.
        SIGHUP loads plugins that are new or changed, as `hooksentry plugin reload` does.

          --config FILE   the configuration; without it defaults and HOOKSENTRY_… variables count
          --roles LIST    api: ingest and management; worker: delivery. Default: both
        """

    private let file: String?
    private let roles: [HostConfiguration.Role]?
    private let environment: [String: String]
    private let helped: Bool

    init(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) {
        file = try arguments.value("--config", usage: Self.usage)
        let list = try arguments.value("--roles", usage: Self.usage)
        helped = try arguments.finish(usage: Self.usage)
        if let list { roles = try Self.parse(list) } else { roles = nil }
        self.environment = environment
    }

    func run() -> Int32 {
        if helped { return 0 }
        let signals = Signals(hangUp: true)
        guard var configuration = ConfiguredProcess.load(file, environment) else { return 1 }
        if let roles { configuration.roles = roles }
        let log = Log("serve")
        let files = OpenFiles.raiseLimit()
        let wanted = configuration.limits.connections + configuration.limits.attemptsInFlight
        if files < wanted {
            log.warning("few open files are allowed; raise the limit", ["allowed": "\(files)", "wanted": "\(wanted)"])
        }
        do {
            let platform = try Platform(configuration)
            try platform.start()
            var signal = signals.wait()
            while signal == SIGHUP {
                platform.reloadPlugins()
                signal = signals.wait()
            }
            log.info("stopping", ["signal": "\(signal)"])
            platform.stop()
            log.info("stopped")
            return platform.failed ? 1 : 0
        } catch {
            Command.complain("\(error)")
            return 1
        }
    }

    private static func parse(_ list: String) throws(UsageError) -> [HostConfiguration.Role] {
        var roles: [HostConfiguration.Role] = []
        for name in list.split(separator: ",") {
            guard let role = HostConfiguration.Role(rawValue: String(name)) else {
                throw UsageError("--roles: '\(name)' is no role; there are api and worker", usage: usage)
            }
            roles.append(role)
        }
        guard !roles.isEmpty else { throw UsageError("--roles: name at least one of api and worker", usage: usage) }
        return roles
    }
}
