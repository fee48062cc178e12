import Domain
import JSON
import Ports
import Synchronization
import Telemetry

/// All plugin components of this process: finds and loads libraries, and makes instances of what they offer.
///
/// From any thread. Making an instance runs foreign code on the calling thread. What is loaded is a generation:
/// `load` makes the next one beside it and puts it in its place at once; instances of before live on for as long as
/// anyone holds them.
package final class PluginRegistry: PluginCatalog {
    /// The settings that are in use of a component, opened. Throws if they cannot be had.
    package typealias SettingsInUse = (PluginKind, _ plugin: String) throws -> [[UInt8]]

    /// When a component that no library offers is to be asked for again: a library may come with a reload.
    private static let lookAgain = Duration.seconds(10)

    struct Contents {
        var generation = 0
        /// By library, each in the library's own order; those of earlier directories first.
        var libraries: [[Component]] = []
        /// The generation that each library came with, by its path.
        var generations: [String: Int] = [:]
        /// Where each configured directory was when it could last be looked into, without symbolic links.
        var directories: [String: String] = [:]
        var refusals: [PluginRefusal] = []
        var skipped: [PluginRefusal] = []

        var components: [Component] { libraries.flatMap { $0 } }
    }

    let contents = Mutex(Contents())
    /// Of the contents, for whoever asks before every event.
    private let currentGeneration = Atomic<Int>(0)
    /// One load at a time.
    private let loading = Mutex<Void>(())
    private let finder: LibraryFinder
    let limits: Limits
    private let allowsHTTP: Bool
    private let isolation: PluginIsolation
    private let metrics: Metrics
    let log: Log
    private let shared: HostServices.Shared
    private let quarantineWatch: QuarantineWatch

    /// directories: absolute; the order decides which of two libraries keeps a name that both offer.
    /// ignoredPrefixes: of file names to pass over (in a build folder, the fault plugins of the tests: `libFault_`).
    /// allowsHTTP: settings may hold plain http URLs where a schema wants https (development and tests).
    /// isolation: which libraries run in processes of their own.
    /// digestAllowList: SHA-256 of the libraries that may load, in hex; nil: any.
    /// quarantineWatch: hears of quarantines.
    package init(
        directories: [String], ignoredPrefixes: [String] = [], digestAllowList: [String]? = nil,
        allowsHTTP: Bool = false, isolation: PluginIsolation = .none, limits: Limits = Limits(),
        storage: InstanceStorage = InstanceStorage(), metrics: Metrics = .shared, log: Log = Log("plugin"),
        quarantineWatch: @escaping QuarantineWatch = { _ in }
    ) {
        finder = LibraryFinder(
            directories: directories, ignoredPrefixes: ignoredPrefixes,
            allowedDigests: digestAllowList.map { Set($0.map { $0.lowercased() }) })
        self.limits = limits
        self.allowsHTTP = allowsHTTP
        self.isolation = isolation
        self.metrics = metrics
        self.log = log
        self.quarantineWatch = quarantineWatch
        shared = HostServices.Shared(storage: storage, isShuttingDown: HostServices.Flag())
    }

    package var generation: Int { currentGeneration.load(ordering: .acquiring) }

    /// Looks at the directories and loads what is new or changed beside what there is. A new version that is refused
    /// leaves the old one serving; so does one that does not take settings that are in use. [load-thread]
    ///
    /// settingsInUse: asked for each component that is replaced; nil: nothing is in use yet.
    @discardableResult
    package func load(settingsInUse: SettingsInUse? = nil) -> PluginReload {
        loading.withLock { _ in
            let before = contents.withLock { $0 }
            let found = finder.find()
            var next = PluginGeneration(after: before, registry: self, settingsInUse: settingsInUse)
            next.locate(found.directories)
            for (directory, reason) in found.unusable { next.keepAll(in: directory, reason) }
            for refusal in found.refusals { next.keepOrRefuse(refusal.library, refusal.reason) }
            next.take(found.files)
            let (after, report) = next.finished()
            contents.withLock { $0 = after }
            currentGeneration.store(after.generation, ordering: .releasing)
            tell(report)
            tellOfReplacements(before, report)
            return report
        }
    }

    private func tell(_ report: PluginReload) {
        for refusal in report.refused {
            log.warning("library refused: it \(refusal.reason)", ["library": refusal.library])
        }
        for component in report.loaded {
            log.info(
                "component loaded",
                [
                    "plugin": "\(component.name) \(component.version)", "kind": component.kind.name,
                    "library": component.library, "digest": component.digest, "generation": "\(report.generation)",
                ])
        }
        for component in report.removed {
            log.info(
                "component removed",
                ["plugin": "\(component.name) \(component.version)", "library": component.library])
        }
    }

    /// A new version begins well, whatever the old one was.
    private func tellOfReplacements(_ before: Contents, _ report: PluginReload) {
        let ill = before.components.filter { $0.home?.library.isIll == true }
        let replacements = report.loaded.filter { new in
            ill.contains { $0.offer.kind == new.kind && $0.name == new.name }
        }
        guard !replacements.isEmpty else { return }
        quarantineWatch(
            QuarantineChange(
                .ended,
                components: replacements.map {
                    QuarantineChange.Component(kind: $0.kind, name: $0.name, version: $0.version)
                }))
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

    /// How each library is, in the order in which they count.
    package var libraries: [PluginLibraryStatus] {
        let contents = contents.withLock { $0 }
        return contents.libraries.map { components in
            let file = components[0].file
            var status = PluginLibraryStatus(
                path: file.path, digest: file.digest, generation: contents.generations[file.path] ?? 0,
                refusal: contents.refusals.first { $0.library == file.path }?.reason,
                components: components.map(\.described))
            components[0].home?.library.describe(in: &status)
            return status
        }
    }

    private var isolated: [IsolatedLibrary] {
        contents.withLock { $0.libraries }.compactMap { $0.first?.home?.library }
    }

    /// Libraries that could not be used, each with the reason.
    package var refusals: [PluginRefusal] { contents.withLock { $0.refusals } }

    /// Libraries that are no plugins.
    package var skipped: [PluginRefusal] { contents.withLock { $0.skipped } }

    package var components: [PluginDescription] { contents.withLock { $0.components.map(\.described) } }

    /// Opens a library, here or in a process of its own, and makes components of what it offers.
    func open(_ file: LibraryFile) throws(Refused) -> [Component]? {
        var home: IsolatedLibrary.Tenure?
        let opening: PluginLibrary.Opening
        switch isolation.mode(of: file) {
        case .inProcess: opening = PluginLibrary.open(file)
        case .process: (opening, home) = openIsolated(file)
        }
        switch opening {
        case .notPlugin: return nil
        case .refused(let refused): throw refused
        case .plugin(let offers):
            return offers.enumerated().map { index, offer in
                Component(
                    offer, file: file, home: home.map { IsolatedLibrary.Place(tenure: $0, index: index) },
                    metrics: metrics, log: log)
            }
        }
    }

    /// In a process of its own; the file is never opened as a library in this one.
    private func openIsolated(_ file: LibraryFile) -> (PluginLibrary.Opening, IsolatedLibrary.Tenure?) {
        guard file.mentionsEntry else { return (.notPlugin, nil) }
        let launch = IsolatedLibrary.Launch(
            executable: isolation.executable, arguments: isolation.arguments, limits: limits)
        let home = IsolatedLibrary.Tenure(
            IsolatedLibrary(file, launch, metrics: metrics, log: log, quarantineWatch: quarantineWatch))
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

    func component(_ kind: PluginKind, _ name: String) throws(PluginFault) -> Component {
        // Nobody waits for the lock while names are compared.
        let libraries = contents.withLock { $0.libraries }
        guard let found = libraries.joined().first(where: { $0.offer.kind == kind && $0.name.isExactly(name) }) else {
            throw PluginFault(
                component: name, cause: .missing, sentence: "no loaded library offers the \(kind.name) \(name)",
                retryAfter: Self.lookAgain)
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
