import PluginAPI
import Ports

/// Reads what a library says about itself (entry.h) and refuses what breaks the rules. One mistake refuses the
/// library: half a library would be a puzzle for whoever looks for the other half.
enum LibraryReader {
    static func components(of entry: UnsafePointer<hks_entry>?) throws(Refused) -> [OfferedComponent] {
        let getKind = try kindFunction(of: entry)
        guard getKind(Interface.unknownKind) == nil else {
            throw Refused("answers for the kind \(Interface.unknownKind), which it cannot know")
        }
        var components: [OfferedComponent] = []
        for kind in PluginKind.allCases {
            guard let table = getKind(kind.rawValue) else { continue }
            for component in try read(table, kind) {
                if components.contains(where: { $0.kind == kind && $0.name == component.name }) {
                    throw Refused("offers the \(kind.name) \(component.name) twice")
                }
                components.append(component)
            }
        }
        guard !components.isEmpty else { throw Refused("offers no component of a kind that this host knows") }
        return components
    }

    private typealias GetKind = @convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<hks_kind>?

    private static func kindFunction(of pointer: UnsafePointer<hks_entry>?) throws(Refused) -> GetKind {
        guard let pointer else { throw Refused("says that it is not for this host (its entry is null)") }
        // The magic comes first, so that nothing else is read of an unrelated function's answer.
        let magic = UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self)
        guard magic == Interface.magic else {
            let hex = String(magic, radix: 16, uppercase: true)
            throw Refused("is not a HookSentry plugin: its entry begins with 0x\(hex)")
        }
        let size = pointer.pointee.struct_size
        guard size >= MemoryLayout<hks_entry>.size else {
            throw Refused("has an entry of \(size) bytes, where \(MemoryLayout<hks_entry>.size) are needed")
        }
        let entry = pointer.pointee
        guard entry.abi_major == Interface.major else {
            throw Refused(
                "was built for version \(entry.abi_major) of the plugin interface; this host speaks \(Interface.major)")
        }
        guard let getKind = entry.get_kind else { throw Refused("has no get_kind function") }
        return getKind
    }

    private static func read(
        _ pointer: UnsafePointer<hks_kind>, _ kind: PluginKind
    ) throws(Refused) -> [OfferedComponent] {
        guard let table = readGrowing(pointer, zero: hks_kind()) else {
            throw Refused("has a table of the kind \(kind.name) that is too short")
        }
        guard (1...UInt32(Interface.componentsPerKindMax)).contains(table.component_count) else {
            throw Refused(
                "offers \(table.component_count) components of the kind \(kind.name); "
                    + "1 to \(Interface.componentsPerKindMax) are allowed")
        }
        guard let list = table.components else { throw Refused("has no components behind its kind \(kind.name)") }
        var components: [OfferedComponent] = []
        for index in 0..<Int(table.component_count) {
            guard let component = list[index] else { throw Refused("has null as its \(kind.name) number \(index + 1)") }
            components.append(try read(component, kind, number: index + 1))
        }
        return components
    }

    private static func read(
        _ pointer: UnsafePointer<hks_component>, _ kind: PluginKind, number: Int
    ) throws(Refused) -> OfferedComponent {
        guard let component = readGrowing(pointer, zero: hks_component()) else {
            throw Refused("describes its \(kind.name) number \(number) in fewer bytes than version 1.0 has")
        }
        var offer = try OfferedComponent(
            kind, number: number, name: component.name.text(limit: Interface.nameBytesMax),
            version: component.version.text(limit: Interface.versionBytesMax),
            description: component.description.text(limit: Interface.descriptionBytesMax),
            schema: component.settings_schema.copied(limit: Interface.schemaBytesMax))
        guard component.flags == 0 else { throw Refused("sets flags on \(offer.name) that this host does not know") }
        guard let create = component.create else { throw Refused("has no create function for \(offer.name)") }
        guard let destroy = component.destroy else { throw Refused("has no destroy function for \(offer.name)") }
        offer.functions = ComponentFunctions(
            create: create, destroy: destroy, calls: try calls(component.calls, kind, of: offer.name))
        return offer
    }

    private static func calls(
        _ pointer: UnsafeRawPointer?, _ kind: PluginKind, of name: String
    ) throws(Refused) -> ComponentCalls {
        guard let pointer else { throw Refused("has no calls table for \(name)") }
        func table<Table>(_ zero: Table) throws(Refused) -> Table {
            guard let table = readGrowing(pointer.assumingMemoryBound(to: Table.self), zero: zero) else {
                throw Refused("has a calls table for \(name) that is shorter than in version 1.0")
            }
            return table
        }
        func need(_ isThere: Bool, _ function: String) throws(Refused) {
            if !isThere { throw Refused("has no \(function) function for \(name)") }
        }
        switch kind {
        case .authenticator:
            let calls = try table(hks_authenticator_calls())
            try need(calls.authenticate != nil, "authenticate")
            return .authenticator(calls)
        case .transformer:
            let calls = try table(hks_transformer_calls())
            try need(calls.apply != nil, "apply")
            return .transformer(calls)
        case .retryPolicy:
            let calls = try table(hks_retry_policy_calls())
            try need(calls.decide != nil, "decide")
            return .retryPolicy(calls)
        }
    }
}
