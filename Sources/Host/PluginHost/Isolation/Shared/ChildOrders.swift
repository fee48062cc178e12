import Domain
import Glibc

/// What a child is told before it begins.
struct ChildOrders: Equatable {
    /// The library's absolute path.
    var library: String
    /// The process that must be its parent: if it is not, the host is gone already.
    var host: pid_t
    /// Of calls and creation, in nanoseconds.
    var callLimit: Int64
    var createLimit: Int64
    var transformedBytes: Int
    /// Of private memory, beyond what the child has when it begins.
    var memoryBytes: Int
    var openFiles: Int

    init(library: String, limits: Limits) {
        self.library = library
        host = getpid()
        callLimit = limits.pluginCall.inNanoseconds
        createLimit = limits.pluginCreate.inNanoseconds
        transformedBytes = limits.transformedBytes
        memoryBytes = limits.pluginMemoryBytes
        openFiles = limits.pluginOpenFiles
    }

    /// The child's limits, as far as they matter to it.
    var limits: Limits {
        var limits = Limits()
        limits.pluginCall = .nanoseconds(callLimit)
        limits.pluginCreate = .nanoseconds(createLimit)
        limits.transformedBytes = transformedBytes
        return limits
    }

    var written: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SharedArea.orderBytesMax) { memory, count in
            var wire = WireWriter(UnsafeMutableRawBufferPointer(memory))
            wire.write(library)
            for number in [Int64(host), callLimit, createLimit] { wire.write(number) }
            for number in [transformedBytes, memoryBytes, openFiles] { wire.write(UInt64(number)) }
            precondition(!wire.isOverfull, "a path is longer than the system allows")
            count = wire.count
        }
    }

    init(from wire: inout WireReader) throws(Malformed) {
        library = try wire.text()
        host = pid_t(truncatingIfNeeded: try wire.signed())
        callLimit = try wire.signed()
        createLimit = try wire.signed()
        transformedBytes = Int(truncatingIfNeeded: try wire.number())
        memoryBytes = Int(truncatingIfNeeded: try wire.number())
        openFiles = Int(truncatingIfNeeded: try wire.number())
        try wire.finish()
    }
}
