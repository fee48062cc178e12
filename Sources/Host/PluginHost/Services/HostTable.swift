import PluginAPI

/// The table of host.h for one instance, in memory that stays where it is.
///
/// Its context is a retained `HostServices`, released by `deinit`, which the owner lets happen only after the
/// instance's `destroy` has returned.
final class HostTable {
    let pointer: UnsafeMutablePointer<hks_host>

    init(_ services: HostServices) {
        pointer = .allocate(capacity: 1)
        pointer.initialize(
            to: hks_host(
                struct_size: UInt32(MemoryLayout<hks_host>.size), abi_minor: Interface.minor,
                // Released by deinit.
                context: Unmanaged.passRetained(services).toOpaque(), report: hostReport, log: hostLog,
                wall_ms: hostWallMilliseconds, monotonic_ns: hostMonotonicNanoseconds, random_bytes: hostRandomBytes,
                store: hostStore, load: hostLoad, count: hostCount, cancelled: hostCancelled,
                get_service: hostGetService))
    }

    deinit {
        Unmanaged<HostServices>.fromOpaque(pointer.pointee.context).release()
        pointer.deallocate()
    }
}

// The functions of the table: each unwraps the services and calls the method of the same name. A null table is the
// plugin's mistake; it is answered like something the host does not have.

private typealias Host = UnsafePointer<hks_host>

private func services(_ host: Host?) -> HostServices? {
    guard let context = host?.pointee.context else { return nil }
    return Unmanaged<HostServices>.fromOpaque(context).takeUnretainedValue()
}

private func hostReport(_ host: Host?, _ sentence: hks_bytes, _ position: UInt64) {
    services(host)?.report(sentence, position: position)
}

private func hostLog(_ host: Host?, _ level: Int32, _ message: hks_bytes) {
    services(host)?.log(level, message)
}

private func hostWallMilliseconds(_: Host?) -> Int64 { wallMilliseconds() }

private func hostMonotonicNanoseconds(_: Host?) -> Int64 { monotonicNanoseconds() }

private func hostRandomBytes(_ host: Host?, _ bytes: UnsafeMutablePointer<UInt8>?, _ size: UInt64) -> Int32 {
    services(host)?.randomBytes(bytes, size) ?? Status.internal
}

private func hostStore(_ host: Host?, _ key: hks_bytes, _ value: hks_bytes, _ expiresAt: Int64) -> Int32 {
    services(host)?.store(key, value, expiresAt: expiresAt) ?? Status.permanent
}

private func hostLoad(_ host: Host?, _ key: hks_bytes, _ value: UnsafeMutablePointer<hks_bytes>?) -> Int32 {
    services(host)?.load(key, into: value) ?? Status.retryable
}

private func hostCount(_ host: Host?, _ name: hks_bytes, _ amount: UInt64) {
    services(host)?.count(name, amount)
}

private func hostCancelled(_ host: Host?) -> Int32 {
    services(host).map { $0.isCancelled ? 1 : 0 } ?? 1
}

private func hostGetService(_: Host?, _: hks_bytes) -> UnsafeRawPointer? { nil }
