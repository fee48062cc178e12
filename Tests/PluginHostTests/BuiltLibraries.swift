import Domain
import Foundation
import Ports
import Synchronization
import Telemetry
import Testing

@testable import PluginHost

/// Libraries that the build put beside this test bundle.
enum BuiltLibraries {
    /// The test bundle is an executable of its own, in the build folder.
    static let directory = resolved("/proc/self/exe").deletingLastPathComponent().path

    /// `.build/debug/libFault_late.so`
    static func path(ofFault fault: String) -> String { "\(directory)/libFault_\(fault).so" }
}

/// A directory of its own for one test, removed at the end of the test's life.
final class TemporaryDirectory: Sendable {
    let path: String

    /// Refusals are what these tests are about; they need not be in the log as well.
    private static let quiet: Void = Log.configure(level: .error)

    init() throws {
        Self.quiet
        let template = FileManager.default.temporaryDirectory.appendingPathComponent("hooksentry-XXXXXX").path
        var bytes = Array(template.utf8CString)
        guard mkdtemp(&bytes) != nil else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        path = resolved(bytes.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }).path
        chmod(path, 0o755)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private static let kept = Mutex<[TemporaryDirectory]>([])

    /// Until the process ends.
    func keep() {
        if Self.kept.withLock({ $0.isEmpty }) { atexit { TemporaryDirectory.removeKept() } }
        Self.kept.withLock { $0.append(self) }
    }

    private static func removeKept() { kept.withLock { $0 = [] } }

    /// Copies a fault plugin in and returns its path.
    @discardableResult
    func add(fault: String, as name: String? = nil) throws -> String {
        let target = "\(path)/\(name ?? "lib\(fault).so")"
        try FileManager.default.copyItem(atPath: BuiltLibraries.path(ofFault: fault), toPath: target)
        chmod(target, 0o755)
        return target
    }

    @discardableResult
    func add(text: String, as name: String) throws -> String {
        let target = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: target))
        chmod(target, 0o644)
        return target
    }
}

/// A registry over copies of fault plugins, loaded. mode: where their code runs.
///
/// The copies are there until the test process ends: an isolated library is opened again after a crash.
func makeRegistry(
    _ faults: String..., limits: Limits = Limits(), mode: PluginIsolation.Mode = .inProcess,
    metrics: Metrics = Metrics(), quarantineWatch: @escaping QuarantineWatch = { _ in }
) throws -> PluginRegistry {
    let directory = try TemporaryDirectory()
    for fault in faults { try directory.add(fault: fault) }
    directory.keep()
    let registry = PluginRegistry(
        directories: [directory.path], isolation: .ofTests(mode), limits: limits, metrics: metrics,
        quarantineWatch: quarantineWatch)
    registry.load()
    return registry
}

extension PluginIsolation {
    static func ofTests(_ mode: Mode) -> PluginIsolation {
        PluginIsolation(
            standard: mode, executable: "\(BuiltLibraries.directory)/PluginCheckChild", arguments: ["plugin-host"])
    }
}

private func resolved(_ path: String) -> URL { URL(fileURLWithPath: path).resolvingSymlinksInPath() }

/// `Fault.emits-twice` of `emits_twice`.
func componentName(ofFault fault: String) -> String { "Fault." + fault.replacingOccurrences(of: "_", with: "-") }
