import Foundation
import PluginAPI

struct TestFailure: Error, CustomStringConvertible {
    var description: String
}

/// What a call came to, when it was not HKS_OK.
struct CallFailure: Error, Equatable {
    var status: Int
    var sentence: String
    /// Nil for HKS_NO_POSITION.
    var position: Int?
}

/// A component of a library that was built beside the tests, loaded as the host would.
struct TestPlugin {
    let component: UnsafePointer<hks_component>

    init(_ name: String, kind id: String) throws {
        let path = Self.folder.appendingPathComponent("lib\(name).so").path
        guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
            throw TestFailure(description: String(cString: dlerror()))
        }
        guard let symbol = dlsym(handle, "hks_plugin_entry") else {
            throw TestFailure(description: "\(path): no entry")
        }
        let entry = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> UnsafePointer<hks_entry>?).self)
        guard let entry = entry(HKS_ABI_MAJOR), entry.pointee.magic == HKS_MAGIC,
            entry.pointee.abi_major == HKS_ABI_MAJOR, let kind = entry.pointee.get_kind(id)
        else { throw TestFailure(description: "\(path): not a plugin of kind \(id)") }
        let components = UnsafeBufferPointer(start: kind.pointee.components, count: Int(kind.pointee.component_count))
        guard let component = components.compactMap(\.self).first(where: { String($0.pointee.name) == name }) else {
            throw TestFailure(description: "\(path): no component \(name)")
        }
        self.component = component
    }

    /// The build's folder, where the test runner and all libraries lie.
    static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    func makeInstance(_ settings: String, host: TestHost = TestHost()) throws -> TestInstance {
        var pointer: OpaquePointer?
        let status = settings.withBytes { component.pointee.create(host.table, $0, &pointer) }
        guard status == HKS_OK, let pointer else { throw host.failure(status) }
        return TestInstance(component: component, pointer: pointer, host: host)
    }
}

extension TestHost {
    func failure(_ status: Int32) -> CallFailure {
        CallFailure(
            status: Int(status), sentence: sentence ?? "",
            position: position.flatMap { $0 == HKS_NO_POSITION ? nil : Int($0) })
    }
}

/// One instance; destroyed with this object.
final class TestInstance {
    let component: UnsafePointer<hks_component>
    let pointer: OpaquePointer
    let host: TestHost

    init(component: UnsafePointer<hks_component>, pointer: OpaquePointer, host: TestHost) {
        self.component = component
        self.pointer = pointer
        self.host = host
    }

    deinit { component.pointee.destroy(pointer) }

    func calls<Calls>(_ type: Calls.Type) -> Calls {
        component.pointee.calls.assumingMemoryBound(to: type).pointee
    }

    static let eventID = "0b0e7c1e-6d9b-4b4c-9d53-0d6f0e2a4c11"

    func withCall<Result>(_ body: (UnsafePointer<hks_call>) throws -> Result) rethrows -> Result {
        try Self.eventID.withBytes { event in
            var call = hks_call(
                struct_size: UInt32(MemoryLayout<hks_call>.size), attempt_number: 1, deadline_monotonic_ns: .max,
                tenant_id: hks_bytes(), destination_id: hks_bytes(), event_id: event)
            return try body(&call)
        }
    }
}
