import Ports

/// The next contents of the registry, while they come together from what is found and what there was.
struct PluginGeneration {
    private let before: PluginRegistry.Contents
    private let registry: PluginRegistry
    private let settingsInUse: PluginRegistry.SettingsInUse?
    private let oldByPath: [String: [Component]]
    private var next = PluginRegistry.Contents()
    private var seen: Set<LibraryFile.Identity> = []

    init(
        after before: PluginRegistry.Contents, registry: PluginRegistry, settingsInUse: PluginRegistry.SettingsInUse?
    ) {
        self.before = before
        self.registry = registry
        self.settingsInUse = settingsInUse
        next.directories = before.directories
        oldByPath = Dictionary(before.libraries.map { ($0[0].file.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Files that passed the checks before any of their code runs, in the order in which they were found. What is
    /// loaded goes first: it keeps its names.
    mutating func take(_ files: [LibraryFile]) {
        for file in files where oldByPath[file.path] != nil { take(file) }
        for file in files where oldByPath[file.path] == nil { take(file) }
    }

    private mutating func take(_ file: LibraryFile) {
        // Found under another path as well.
        guard seen.insert(file.identity).inserted else { return }
        let old = oldByPath[file.path]
        if let old, old[0].file.digest == file.digest {
            if let collision = collision(of: old) { refuse(file.path, collision) } else { next.libraries.append(old) }
            return
        }
        do throws(Refused) {
            guard let components = try registry.open(file) else {
                let reason = "has no \(Interface.entrySymbol): not a plugin"
                if old != nil { return keepOrRefuse(file.path, reason) }
                next.skipped.append(PluginRefusal(library: file.path, reason: reason))
                registry.log.debug("library passed over: it \(reason)", ["library": file.path])
                return
            }
            if let collision = collision(of: components) { throw Refused(collision) }
            if let old { try tryOut(components, replacing: old) }
            next.libraries.append(components)
        } catch {
            keepOrRefuse(file.path, error.sentence)
        }
    }

    /// What cannot be used leaves what was loaded from there before in its place.
    mutating func keepOrRefuse(_ path: String, _ reason: String) {
        guard let old = oldByPath[path], collision(of: old) == nil else { return refuse(path, reason) }
        next.libraries.append(old)
        refuse(path, "\(reason); the version loaded before keeps serving")
    }

    /// Where the directories are that could be looked into, by what is configured.
    mutating func locate(_ directories: [String: String]) { next.directories.merge(directories) { $1 } }

    /// A directory that cannot be looked into says nothing about its libraries: what was loaded from there stays.
    mutating func keepAll(in directory: String, _ reason: String) {
        let resolved = next.directories[directory] ?? directory
        let old = before.libraries.filter { LibraryFile.parentDirectory(of: $0[0].file.path) == resolved }
        let kept = old.filter { collision(of: $0) == nil && seen.insert($0[0].file.identity).inserted }
        next.libraries += kept
        refuse(directory, kept.isEmpty ? reason : "\(reason); what was loaded from there before keeps serving")
    }

    private mutating func refuse(_ path: String, _ reason: String) {
        next.refusals.append(PluginRefusal(library: path, reason: reason))
    }

    private func collision(of components: [Component]) -> String? {
        for component in components {
            let first = next.components.first { $0.offer.kind == component.offer.kind && $0.name == component.name }
            guard let first else { continue }
            return "offers the \(component.offer.kind.name) \(component.name), which \(first.file.path) has already"
        }
        return nil
    }

    /// A new version must do what is asked of the old one: offer no less, and take every settings in use.
    private func tryOut(_ components: [Component], replacing old: [Component]) throws(Refused) {
        guard let settingsInUse else { return }
        for old in old {
            let inUse: [[UInt8]]
            do {
                inUse = try settingsInUse(old.offer.kind, old.name)
            } catch {
                throw Refused("replaces \(old.title), whose settings in use cannot be read to try them: \(error)")
            }
            guard !inUse.isEmpty else { continue }
            guard let new = components.first(where: { $0.offer.kind == old.offer.kind && $0.name == old.name }) else {
                throw Refused("offers the \(old.offer.kind.name) \(old.name) no more, which is in use")
            }
            for settings in inUse {
                do throws(PluginFault) {
                    try registry.tryOut(new, settings: settings)
                } catch {
                    throw Refused("does not take settings of \(new.name) that are in use: \(error.sentence)")
                }
            }
        }
    }

    func finished() -> (PluginRegistry.Contents, PluginReload) {
        var after = next
        let (old, new) = (before.components, after.components)
        let loaded = new.filter { component in !old.contains { $0 === component } }
        let removed = old.filter { component in
            !new.contains { $0.offer.kind == component.offer.kind && $0.name == component.name }
        }
        let isChanged = !loaded.isEmpty || !removed.isEmpty
        after.generation = before.generation + (isChanged ? 1 : 0)
        for library in after.libraries {
            let path = library[0].file.path
            let isOld = oldByPath[path].map { $0[0] === library[0] } ?? false
            after.generations[path] = isOld ? before.generations[path] : after.generation
        }
        let report = PluginReload(
            generation: after.generation, loaded: loaded.map(\.described), removed: removed.map(\.described),
            unchanged: new.count - loaded.count, refused: after.refusals)
        return (after, report)
    }
}
