import PluginAPI
import Synchronization

/// What a shared library offers. A plugin's whole border is one function:
///
///     @c(hks_plugin_entry)
///     public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
///         PluginLibrary.entry(offering: .authenticator(MyAuthenticator.self))
///     }
public enum PluginLibrary {
    /// The entry for these components. The first call builds the tables, in memory that is never freed because the
    /// host may read it for the life of the process; later calls answer the same. At most `componentsMax`.
    public static func entry(offering offers: Offer...) -> UnsafePointer<hks_entry>? {
        published.withLock { tables in
            if tables == nil { tables = Tables(offers) }
            return tables.map { UnsafePointer($0.entry) }
        }
    }

    /// A C function carries no context, so each component needs a `create` function of its own; there are this many.
    public static let componentsMax = createFunctions.count
}

// One copy for each shared library: the version script hides the kit's symbols, so that no two libraries share it.
private let published = Mutex<Tables?>(nil)

/// The C tables. They are written once, before the pointer to them is given out, and never again.
private struct Tables: @unchecked Sendable {
    let offers: [Offer]
    let entry: UnsafeMutablePointer<hks_entry>
    let kinds: [String: UnsafePointer<hks_kind>]

    /// Nil if there are no components or too many.
    init?(_ offers: [Offer]) {
        guard !offers.isEmpty, offers.count <= createFunctions.count else { return nil }
        self.offers = offers
        var components: [String: [UnsafePointer<hks_component>?]] = [:]
        for (offer, create) in zip(offers, createFunctions) {
            components[offer.kindID, default: []].append(Self.makeComponent(offer, create))
        }
        kinds = components.mapValues(Self.makeKind)
        entry = forever(
            hks_entry(
                magic: HKS_MAGIC, struct_size: size(of: hks_entry.self), abi_major: HKS_ABI_MAJOR,
                abi_minor: HKS_ABI_MINOR, get_kind: { id in id.flatMap { kind(String(cString: $0)) } }))
    }

    private static func makeComponent(_ offer: Offer, _ create: @escaping CreateFunction) -> UnsafePointer<
        hks_component
    > {
        let type = offer.component
        return UnsafePointer(
            forever(
                hks_component(
                    struct_size: size(of: hks_component.self), flags: 0, name: hks_bytes(forever: type.name),
                    version: hks_bytes(forever: type.version), description: hks_bytes(forever: type.summary),
                    settings_schema: hks_bytes(forever: type.settingsSchema), create: create,
                    destroy: { if let pointer = $0 { Instance.release(pointer) } }, calls: offer.calls)))
    }

    private static func makeKind(_ components: [UnsafePointer<hks_component>?]) -> UnsafePointer<hks_kind> {
        let list = UnsafeMutableBufferPointer<UnsafePointer<hks_component>?>.allocate(capacity: components.count)
        _ = list.initialize(fromContentsOf: components)
        return UnsafePointer(
            forever(
                hks_kind(
                    struct_size: size(of: hks_kind.self), component_count: UInt32(components.count),
                    components: UnsafePointer(list.baseAddress!))))
    }
}

private func kind(_ id: String) -> UnsafePointer<hks_kind>? {
    published.withLock { tables in tables?.kinds[id] }
}

private typealias CreateFunction =
    @convention(c) (
        UnsafePointer<hks_host>?, hks_bytes, UnsafeMutablePointer<OpaquePointer?>?
    ) -> Int32

private let createFunctions: [CreateFunction] = [
    { create(0, $0, $1, $2) }, { create(1, $0, $1, $2) }, { create(2, $0, $1, $2) }, { create(3, $0, $1, $2) },
    { create(4, $0, $1, $2) }, { create(5, $0, $1, $2) }, { create(6, $0, $1, $2) }, { create(7, $0, $1, $2) },
]

private func create(
    _ index: Int, _ host: UnsafePointer<hks_host>?, _ settings: hks_bytes,
    _ instance: UnsafeMutablePointer<OpaquePointer?>?
) -> Int32 {
    guard let host, let instance, let offer = published.withLock({ $0?.offers[index] }) else {
        return Int32(HKS_INTERNAL)
    }
    let services = HostServices(table: host)
    do {
        let settings = try Settings(parsing: settings.buffer.span)
        instance.pointee = try offer.makeInstance(settings: settings, host: services).retainedPointer()
        return Int32(HKS_OK)
    } catch {
        return Instance.status(of: error, reportingTo: services)
    }
}

/// A copy that is never freed.
func forever<Table>(_ table: Table) -> UnsafeMutablePointer<Table> {
    let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    pointer.initialize(to: table)
    return pointer
}

func size<Table>(of type: Table.Type) -> UInt32 {
    UInt32(MemoryLayout<Table>.size)
}
