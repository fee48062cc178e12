import Glibc

/// Nanoseconds of a clock that stands still while this thread waits for a processor: what is late by it is late by its
/// own doing, on a busy machine as on a quiet one. Where the kernel does not count such waits, this is the monotonic
/// clock.
enum OwnTime {
    static func now() -> Int64 { monotonicNanoseconds() - waited() }

    /// The second number of /proc/thread-self/schedstat (proc(5)): time spent on a run queue.
    private static func waited() -> Int64 {
        let file = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return 0 }
        let fields = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int64(fields[1]) ?? 0 : 0
    }
}
