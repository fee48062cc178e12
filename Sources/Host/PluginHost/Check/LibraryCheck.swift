import Glibc
import PluginAPI

/// Checks what a library says about itself, before any instance exists.
struct LibraryCheck {
    static let loadNanosecondsMax: Int64 = 2_000_000_000
    static let describeNanosecondsMax: Int64 = 100_000_000
    /// A machine that is busy elsewhere can make anything late once.
    private static let triesUntilLate = 3

    private let path: String
    private let run: CheckRun

    init(_ path: String, _ run: CheckRun) {
        self.path = path
        self.run = run
    }

    func runAll() {
        var library: LibraryFile?
        let isTrusted = run.check(.file) { () throws(Complaint) in
            let file = try inspect()
            library = file
            return "SHA-256 \(file.digest)"
        }
        guard isTrusted, let library else { return }
        var entry: hks_plugin_entry_fn?
        guard run.check(.load, { () throws(Complaint) in try load(library, &entry) }), let entry else { return }
        var offers: [OfferedComponent] = []
        let isDescribed = run.check(.describe) { () throws(Complaint) in
            offers = try describe(library, entry)
            return "offers " + offers.map { "the \($0.kind.name) \($0.name) \($0.version)" }.joined(separator: ", ")
        }
        guard isDescribed else { return }
        run.check(.constant) { () throws(Complaint) in try checkConstant(entry, offers) }
        run.check(.version) { () throws(Complaint) in try checkVersions(entry) }
        run.check(.kinds) { () throws(Complaint) in try checkKinds(entry) }
        run.offers(offers.count)
    }

    private func inspect() throws(Complaint) -> LibraryFile {
        guard let resolved = LibraryFile.resolvedPath(path) else {
            throw Complaint("cannot be read: \(systemError())")
        }
        do throws(Refused) {
            return try LibraryFile.inspect(
                resolved, in: LibraryFile.parentDirectory(of: resolved), allowedDigests: nil)
        } catch {
            throw Complaint(error.sentence)
        }
    }

    /// The library's constructors run here and nowhere else: opening it again only counts.
    private func load(_ library: LibraryFile, _ entry: inout hks_plugin_entry_fn?) throws(Complaint) -> String {
        let start = OwnTime.now()
        // Its image and not its file, which the dynamic linker would take for another library when `describe` opens it.
        guard let image = library.image else { throw Complaint("has no \(Interface.entrySymbol)") }
        guard let handle = dlopen(image.path, RTLD_NOW | RTLD_LOCAL) else {
            let words = dlerror().map { String(cString: $0) } ?? "it gave no reason"
            throw Complaint("was refused by the dynamic linker: \(words.replacing(image.path, with: library.path))")
        }
        let took = OwnTime.now() - start
        guard took <= Self.loadNanosecondsMax else {
            throw Complaint("took \(inWords(took)) to load; \(inWords(Self.loadNanosecondsMax)) are allowed")
        }
        guard let symbol = dlsym(handle, Interface.entrySymbol) else {
            throw Complaint("has no \(Interface.entrySymbol)")
        }
        entry = unsafeBitCast(symbol, to: hks_plugin_entry_fn.self)
        return "loaded in \(inWords(took))"
    }

    private func describe(
        _ library: LibraryFile, _ entry: hks_plugin_entry_fn
    ) throws(Complaint) -> [OfferedComponent] {
        var offers: [OfferedComponent] = []
        switch PluginLibrary.open(library) {
        case .notPlugin: throw Complaint("has no \(Interface.entrySymbol)")
        case .refused(let refused): throw Complaint(refused.sentence)
        case .plugin(let found): offers = found
        }
        var fastest = Int64.max
        for _ in 0..<Self.triesUntilLate where fastest > Self.describeNanosecondsMax {
            let start = OwnTime.now()
            _ = try again(entry)
            fastest = min(fastest, OwnTime.now() - start)
        }
        guard fastest <= Self.describeNanosecondsMax else {
            throw Complaint(
                "took \(inWords(fastest)) to describe itself; \(inWords(Self.describeNanosecondsMax)) are allowed")
        }
        return offers
    }

    private func again(_ entry: hks_plugin_entry_fn) throws(Complaint) -> [OfferedComponent] {
        do throws(Refused) {
            return try LibraryReader.components(of: entry(Interface.major))
        } catch {
            throw Complaint("describes itself another way when asked again: it \(error.sentence)")
        }
    }

    /// All that is reached from the entry is constant: the host reads it at any time, by any thread.
    private func checkConstant(
        _ entry: hks_plugin_entry_fn, _ offers: [OfferedComponent]
    ) throws(Complaint) -> String {
        for _ in 0..<3 {
            let now = try again(entry)
            let isSame = now.count == offers.count && zip(now, offers).allSatisfy {
                $0.kind == $1.kind && $0.name == $1.name && $0.version == $1.version
                    && $0.description == $1.description && $0.schemaBytes == $1.schemaBytes
            }
            guard isSame else { throw Complaint("describes itself another way when asked again") }
        }
        return "describes itself the same way each time"
    }

    /// Hosts of versions that cannot exist: nobody was built for them.
    private func checkVersions(_ entry: hks_plugin_entry_fn) throws(Complaint) -> String {
        let majors: [UInt32] = [0, 10_000, .max]
        for major in majors {
            run.step("asked by a host of version \(major)")
            guard let answer = entry(major), answer.pointee.magic == Interface.magic else { continue }
            guard answer.pointee.abi_major != major else {
                throw Complaint("claims to be built for version \(major) of the plugin interface")
            }
        }
        return "claims no version that it was not built for"
    }

    private func checkKinds(_ entry: hks_plugin_entry_fn) throws(Complaint) -> String {
        guard let getKind = entry(Interface.major)?.pointee.get_kind else {
            throw Complaint("has no get_kind function")
        }
        let ids = [
            "", "hks", "hks.authenticator", "hks.authenticator/", "hks.authenticator/2", "hks.authenticator/10",
            "HKS.AUTHENTICATOR/1", "hks.transformer/1 ", "hks.transformer/11", " hks.transformer/1",
            "hks.retry-policy/0", "hks.retry-policy/1/", "hks.retry_policy/1", "%s%s%n", "hks.\u{e4}/1",
            String(repeating: "hks.authenticator/1", count: 4_000),
        ]
        for id in ids {
            run.step("asked for the kind \(id.prefix(30))")
            guard getKind(id) == nil else {
                throw Complaint("answers for the kind '\(id.prefix(30))', which no header has")
            }
        }
        return "answers null for \(ids.count) kinds that no header has"
    }
}
