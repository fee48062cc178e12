import PluginAPI

/// What the host lends to one instance. To be used only from inside that instance's own calls, `init` and `deinit`
/// included.
public struct HostServices {
    let table: UnsafePointer<hks_host>

    public enum LogLevel: Int32, Sendable {
        case debug = 0
        case info = 1
        case warning = 2
        case error = 3
        case hostMisbehaving = 4
    }

    /// Writes a line to the host's log; the host adds component, tenant and destination. At most 1,000 bytes are kept.
    public func log(_ level: LogLevel, _ message: String) {
        message.withBytes { table.pointee.log(table, level.rawValue, $0) }
    }

    /// Milliseconds since 1970-01-01 UTC. Can jump; good for dates and expiry times.
    public var wallMilliseconds: Int64 { table.pointee.wall_ms(table) }

    /// A clock that never jumps.
    public var monotonicNanoseconds: Int64 { table.pointee.monotonic_ns(table) }

    /// Bytes from the operating system's cryptographic generator.
    public func randomBytes(_ count: Int) throws(PluginError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let status = bytes.withUnsafeMutableBufferPointer {
            table.pointee.random_bytes(table, $0.baseAddress, UInt64($0.count))
        }
        guard status == HKS_OK else { throw .retryable("The host has no random bytes to give.") }
        return bytes
    }

    /// Keeps a small value in the host's memory until `expiresAt` (milliseconds as in `wallMilliseconds`; nil: as long
    /// as the settings). Made for tokens. A key has at most 100 bytes, a value 16 KiB, an instance 16 values.
    public func store(_ value: Secret, forKey key: String, expiresAt: Int64? = nil) throws(PluginError) {
        let status = key.withBytes { key in
            value.withBytes { table.pointee.store(table, key, hks_bytes($0), expiresAt ?? .max) }
        }
        guard status == HKS_OK else {
            throw .permanent("A value of \(value.count) bytes is more than the host stores for a plugin.")
        }
    }

    /// The value stored under the key, after `prefix`; nil if there is none or it has expired.
    public func load(_ key: String, prefix: String = "") -> Secret? {
        var value = hks_bytes(data: nil, size: 0)
        let status = key.withBytes { table.pointee.load(table, $0, &value) }
        return status == HKS_OK ? Secret(prefix: prefix, value.buffer.span) : nil
    }

    public func removeValue(forKey key: String) {
        _ = key.withBytes { table.pointee.store(table, $0, hks_bytes(data: nil, size: 0), .max) }
    }

    /// Adds to a counter in the host's metrics. name: `[a-z0-9_]`, at most 60 bytes.
    public func count(_ name: String, _ amount: UInt64 = 1) {
        name.withBytes { table.pointee.count(table, $0, amount) }
    }

    /// Nobody waits for the result of this call any more; a long loop asks now and then and throws `.retryable`.
    public var isCancelled: Bool { table.pointee.cancelled(table) != 0 }

    func report(_ error: PluginError) {
        error.sentence.withBytes {
            table.pointee.report(table, $0, error.position.map(UInt64.init) ?? HKS_NO_POSITION)
        }
    }
}
