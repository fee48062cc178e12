import PluginAPI

/// One configured component behind the opaque pointer that the host holds.
///
/// The pointer is one retain of this object: taken by `make`, given back by `release`, which the host calls through the
/// component's destroy exactly once. Nothing else retains or releases it.
class Instance {
    let host: HostServices

    init(host: HostServices) { self.host = host }

    final func retainedPointer() -> OpaquePointer {
        OpaquePointer(Unmanaged.passRetained(self).toOpaque())
    }

    static func release(_ pointer: OpaquePointer) {
        Unmanaged<Instance>.fromOpaque(UnsafeRawPointer(pointer)).release()
    }

    /// Turns what the body throws into a status and a report, which is all that may cross the border.
    final func status(_ body: () throws -> Int) -> Int32 {
        do {
            return Int32(try body())
        } catch {
            return Self.status(of: error, reportingTo: host)
        }
    }

    static func status(of error: any Error, reportingTo host: HostServices) -> Int32 {
        // An error of unknown make is named by its type alone: its text might quote a secret.
        let known = error as? PluginError ?? .bug("The plugin failed with an unexpected error (\(type(of: error))).")
        host.report(known)
        return known.status
    }
}

/// Non-generic subclasses would repeat this box three times; the kinds differ in the protocol alone.
final class Holder<Kind>: Instance {
    var component: Kind

    init(_ component: Kind, host: HostServices) {
        self.component = component
        super.init(host: host)
    }

    /// Borrows the instance from the pointer that the host passed back; destroy cannot run before the call is over.
    static func from(_ pointer: OpaquePointer) -> Holder<Kind> {
        Unmanaged<Holder<Kind>>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }
}
