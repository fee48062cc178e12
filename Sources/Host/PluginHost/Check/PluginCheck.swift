import Domain
import Glibc
import Telemetry

/// `plugin check`: tries a library out, in processes of its own, as hard as the host will ever use it and harder.
///
/// The parent runs `runInChildren`, which starts this executable again with an internal command: once for the library
/// and once for each of its components. A child runs `runChecks`. A crash or a hang ends the child and becomes a
/// finding; the other components are checked all the same.
package enum PluginCheck {
    /// A child's side: checks the library or one of its components, and writes findings to standard output as JSON
    /// lines. True if all passed. Call it only in a process that has nothing else to do: plugins may end it.
    package static func runChecks(_ path: String, _ plan: CheckPlan) -> Bool {
        // What the host would log about a plugin is a finding here.
        Log.configure(level: .error)
        var noCore = rlimit()
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &noCore)
        let run = CheckRun(plan) { line in
            var line = line
            line.withUTF8 { _ = Glibc.write(1, $0.baseAddress, $0.count) }
        }
        if let number = plan.component {
            checkComponent(path, number, run)
        } else {
            LibraryCheck(path, run).runAll()
        }
        run.finish()
        return run.passed
    }

    /// Of a library that has been checked already.
    private static func checkComponent(_ path: String, _ number: Int, _ run: CheckRun) {
        guard let resolved = LibraryFile.resolvedPath(path),
            let file = try? LibraryFile.inspect(
                resolved, in: LibraryFile.parentDirectory(of: resolved), allowedDigests: nil),
            case .plugin(let offers) = PluginLibrary.open(file), offers.indices.contains(number)
        else {
            run.check(.describe) { () throws(Complaint) in
                throw Complaint("does not offer the same in another process")
            }
            return
        }
        let offer = offers[number]
        run.begin(component: offer.name)
        ComponentCheck(Component(offer, file: file, metrics: Metrics(), log: Log("plugin")), run).runAll()
    }
}
