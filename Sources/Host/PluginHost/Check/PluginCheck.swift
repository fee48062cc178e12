import Domain
import Glibc
import Telemetry

/// `plugin check`: tries a library out, in a process of its own, as hard as the host will ever use it and harder.
///
/// The parent runs `runInChild`, which starts this executable again with an internal command; the child runs
/// `runAllChecks`. A crash or a hang ends the child and becomes a finding.
package enum PluginCheck {
    // Names of the checks, in the order in which they run. The last two end the process when a plugin breaks their
    // rule, so everything that can be said without that is said before.
    static let file = "file"
    static let describe = "describe"
    static let schema = "schema"
    static let create = "create"
    static let balance = "balance"
    static let work = "work"
    static let repeatability = "repeatability"
    static let fetch = "fetch"
    static let bounds = "bounds"
    static let ownership = "ownership"

    /// The child's side: checks everything about one library and writes findings to standard output as JSON lines.
    /// True if all passed. Call it only in a process that has nothing else to do: plugins may end it.
    package static func runAllChecks(_ path: String) -> Bool {
        // What the host would log about a plugin is a finding here.
        Log.configure(level: .error)
        var noCore = rlimit()
        setrlimit(__rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), &noCore)
        let run = CheckRun { line in
            var line = line
            line.withUTF8 { _ = Glibc.write(1, $0.baseAddress, $0.count) }
        }
        checkLibrary(path, run)
        run.finish()
        return run.passed
    }

    private static func checkLibrary(_ path: String, _ run: CheckRun) {
        var library: LibraryFile?
        let isTrusted = run.check(file) { () throws(Complaint) in
            guard let resolved = LibraryFile.resolvedPath(path) else {
                throw Complaint("cannot be read: \(systemError())")
            }
            do throws(Refused) {
                library = try LibraryFile.inspect(
                    resolved, in: LibraryFile.parentDirectory(of: resolved), allowedDigests: nil)
            } catch {
                throw Complaint(error.sentence)
            }
            return "SHA-256 \(library?.digest ?? "")"
        }
        guard isTrusted, let library else { return }

        var offers: [OfferedComponent] = []
        run.check(describe) { () throws(Complaint) in
            switch PluginLibrary.open(library) {
            case .notPlugin: throw Complaint("has no \(Interface.entrySymbol)")
            case .refused(let refused): throw Complaint(refused.sentence)
            case .plugin(let found): offers = found
            }
            return "offers " + offers.map { "the \($0.kind.name) \($0.name) \($0.version)" }.joined(separator: ", ")
        }
        for offer in offers {
            run.begin(component: offer.name)
            let component = Component(offer, file: library, metrics: Metrics(), log: Log("plugin"))
            ComponentCheck(component, run).runAll()
        }
    }
}
