import Domain
import JSON
import Ports
import Synchronization
import Telemetry

/// All plugin components of this process: finds and loads libraries, and makes instances of what they offer.
///
/// From any thread. Making an instance runs foreign code on the calling thread.
package final class PluginRegistry: PluginCatalog {
    private struct Contents {
        var components: [Component] = []
        var refusals: [PluginRefusal] = []
        var skipped: [PluginRefusal] = []
        var seen: Set<LibraryFile.Identity> = []
    }

    private let contents = Mutex(Contents())
    private let finder: LibraryFinder
    let limits: Limits
    private let allowsHTTP: Bool
    private let isolation: PluginIsolation
    private let metrics: Metrics
    private let log: Log
    private let shared: HostServices.Shared

    /// directories: absolute; the order decides which of two libraries keeps a name that both offer.
    /// ignoredPrefixes: of file names to pass over (in a build folder, the fault plugins of the tests: `libFault_`).
    /// allowsHTTP: settings may hold plain http URLs where a schema wants https (development and tests).
    /// isolation: which libraries run in processes of their own.
    /// digestAllowList: SHA-256 of the libraries that may load, in hex; nil: any.
    package init(
        directories: [String], ignoredPrefixes: [String] = [], digestAllowList: [String]? = nil,
        allowsHTTP: Bool = false, isolation: PluginIsolation = .none, limits: Limits = Limits(),
        storage: InstanceStorage = InstanceStorage(), metrics: Metrics = .shared, log: Log = Log("plugin")
    ) {
        finder = LibraryFinder(
            directories: directories, ignoredPrefixes: ignoredPrefixes,
            allowedDigests: digestAllowList.map { Set($0.map { $0.lowercased() }) })
        self.limits = limits
        self.allowsHTTP = allowsHTTP
        self.isolation = isolation
        self.metrics = metrics
        self.log = log
        shared = HostServices.Shared(storage: storage, isShuttingDown: HostServices.Flag())
    }

    /// Finds and loads. Can be called again to pick up new libraries; what is loaded stays. [load-thread]
    package func load() {
        let found = finder.find()
        contents.withLock { contents in
            contents.skipped = []
            contents.refusals = []
            for refusal in found.refusals { refuse(refusal, &contents) }
            for file in found.files where !contents.seen.contains(file.identity) { take(file, &contents) }
        }
    }

    /// Tells every call under way that nobody waits for it any more.
    package func beginShutdown() {
        shared.isShuttingDown.set()
        for library in isolated { library.beginShutdown() }
    }

    /// Ends the processes of isolated libraries; what calls them from now on hears that they are stopped.
    package func stop() {
        for library in isolated { library.stop() }
    }

    /// How isolated libraries are, each once.
    package var isolationStatus: [IsolationStatus] { isolated.map(\.status) }

    private var isolated: [IsolatedLibrary] {
        contents.withLock { contents in
            var libraries: [IsolatedLibrary] = []
            for library in contents.components.compactMap(\.home?.library)
            where !libraries.contains(where: { $0 === library }) {
                libraries.append(library)
            }
            return libraries
        }
    }

    /// Libraries that could not be used, each with the reason.
    package var refusals: [PluginRefusal] { contents.withLock { $0.refusals } }

    /// Libraries that are no plugins.
    package var skipped: [PluginRefusal] { contents.withLock { $0.skipped } }

    package var components: [PluginDescription] { contents.withLock { $0.components.map(\.described) } }

    private func take(_ file: LibraryFile, _ contents: inout Contents) {
        var home: IsolatedLibrary.Tenure?
        let opening: PluginLibrary.Opening
        switch isolation.mode(of: file) {
        case .inProcess: opening = PluginLibrary.open(file)
        case .process: (opening, home) = openIsolated(file)
        }
        switch opening {
        case .notPlugin:
            let reason = "has no \(Interface.entrySymbol): not a plugin"
            contents.skipped.append(PluginRefusal(library: file.path, reason: reason))
            log.debug("library passed over: it \(reason)", ["library": file.path])
        case .refused(let refused):
            refuse(PluginRefusal(library: file.path, reason: refused.sentence), &contents)
        case .plugin(let offers):
            for offer in offers {
                let first = contents.components.first { $0.offer.kind == offer.kind && $0.name == offer.name }
                guard let first else { continue }
                let reason = "offers the \(offer.kind.name) \(offer.name), which \(first.file.path) has already"
                refuse(PluginRefusal(library: file.path, reason: reason), &contents)
                return
            }
            contents.seen.insert(file.identity)
            for (index, offer) in offers.enumerated() {
                let place = home.map { IsolatedLibrary.Place(tenure: $0, index: index) }
                let component = Component(offer, file: file, home: place, metrics: metrics, log: log)
                contents.components.append(component)
                log.debug("component loaded", ["plugin": component.title, "library": file.path])
            }
        }
    }

    /// In a process of its own; the file is never opened as a library in this one.
    private func openIsolated(_ file: LibraryFile) -> (PluginLibrary.Opening, IsolatedLibrary.Tenure?) {
        guard file.mentionsEntry else { return (.notPlugin, nil) }
        let launch = IsolatedLibrary.Launch(
            executable: isolation.executable, arguments: isolation.arguments, limits: limits)
        let home = IsolatedLibrary.Tenure(IsolatedLibrary(file, launch, metrics: metrics, log: log))
        switch home.library.open() {
        case .notPlugin: return (.notPlugin, nil)
        case .refused(let refused): return (.refused(refused), nil)
        case .plugin(let reported):
            do throws(Refused) {
                return (.plugin(try reported.checked()), home)
            } catch {
                return (.refused(error), nil)
            }
        }
    }

    private func refuse(_ refusal: PluginRefusal, _ contents: inout Contents) {
        contents.refusals.append(refusal)
        log.warning("library refused: it \(refusal.reason)", ["library": refusal.library])
    }

    func component(_ kind: PluginKind, _ name: String) throws(PluginFault) -> Component {
        let found = contents.withLock { contents in
            contents.components.first { $0.offer.kind == kind && $0.name == name }
        }
        guard let found else {
            throw PluginFault(
                component: name, cause: .missing, sentence: "no loaded library offers the \(kind.name) \(name)")
        }
        return found
    }

    /// A checked instance of a component in this process. storageKey: nil for one that is dropped at once and may
    /// leave nothing behind.
    func makeInstance(
        _ component: Component, settings: [UInt8], storageKey: String?
    ) throws(PluginFault) -> CreatedInstance {
        try CreatedInstance(
            component, settings: settings, secrets: try secrets(in: settings, component), storageKey: storageKey,
            shared: shared, limits: limits)
    }

    /// The same of a component elsewhere. mustExist: false lets the first call make it, if it cannot be made now.
    func makeInstance(
        _ component: Component, in place: IsolatedLibrary.Place, settings: [UInt8], storageKey: String?,
        mustExist: Bool = false
    ) throws(PluginFault) -> IsolatedInstance {
        try IsolatedInstance(
            component, in: place, settings: settings, secrets: try secrets(in: settings, component),
            storageKey: storageKey, storage: shared.storage, mustExist: mustExist)
    }

    /// Holds settings against the component's schema.
    private func secrets(in settings: [UInt8], _ component: Component) throws(PluginFault) -> [[UInt8]] {
        guard settings.count <= limits.pluginSettingsBytes else {
            throw PluginFault(
                component: component.name, cause: .invalidSettings,
                sentence: "the settings are larger than \(limits.pluginSettingsBytes) bytes")
        }
        do {
            let tree = try component.offer.schema.checked(settings, allowsHTTP: allowsHTTP)
            return component.offer.schema.root.secretTexts(in: tree)
        } catch {
            throw PluginFault(component: component.name, cause: .invalidSettings, sentence: error.sentence)
        }
    }
}
