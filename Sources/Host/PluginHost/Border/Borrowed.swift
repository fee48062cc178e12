import Glibc
import PluginAPI

extension hks_bytes {
    /// A view of memory that the caller keeps alive.
    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.init(data: buffer.baseAddress, size: UInt64(buffer.count))
    }

    /// The bytes themselves, good only as long as the view is; nil if there are more than `limit`, or if the view
    /// points nowhere.
    func view(limit: Int) -> UnsafeBufferPointer<UInt8>? {
        guard size > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        guard size <= UInt64(limit), let data else { return nil }
        return UnsafeBufferPointer(start: data, count: Int(size))
    }

    /// A copy of at most `limit` bytes; nil if there are more, or if the view points nowhere.
    func copied(limit: Int) -> [UInt8]? {
        view(limit: limit).map(Array.init)
    }

    /// The first `limit` bytes.
    func prefix(_ limit: Int) -> [UInt8] {
        guard let data else { return [] }
        return [UInt8](UnsafeBufferPointer(start: data, count: Int(min(size, UInt64(limit)))))
    }

    /// A copy as text; nil if it is longer, points nowhere or is not UTF-8.
    func text(limit: Int) -> String? {
        guard let bytes = copied(limit: limit) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

/// Reads a struct that the other side filled in and that grows only at its end (version.h): the bytes both sides
/// know, zero for the rest.
///
/// minimum: bytes of the struct in version 1.0. Nil if the other side claims fewer.
func readGrowing<Struct>(_ pointer: UnsafePointer<Struct>, zero: Struct) -> Struct? {
    let claimed = Int(UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self))
    let known = MemoryLayout<Struct>.size
    // Every struct still has the size it had in version 1.0; one that has grown needs its first size here.
    guard claimed >= known else { return nil }
    var result = zero
    withUnsafeMutableBytes(of: &result) { $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: known)) }
    return result
}

/// Nanoseconds of CLOCK_MONOTONIC, the clock of `hks_call.deadline_monotonic_ns`.
@inline(__always)
func monotonicNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

func wallMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}
