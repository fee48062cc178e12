import Glibc

/// Memory that is lent to a plugin for one call: read-only, with an unreadable page right behind it, and unreadable
/// as a whole after `takeBack`. What a plugin does wrong with it ends the process, which is why it is used only in
/// the child of `plugin check`.
///
/// Pages are never given back, so that no later allocation can make a stale pointer good again.
final class GuardedMemory {
    private static let pageBytes = Int(sysconf(Int32(_SC_PAGESIZE)))

    private var mappings: [(start: UnsafeMutableRawPointer, bytes: Int)] = []

    /// Copies bytes so that they end where the unreadable page begins.
    func lend(_ bytes: some Collection<UInt8>) -> UnsafePointer<UInt8>? {
        guard let place = map(bytes.count) else { return nil }
        UnsafeMutableRawBufferPointer(start: place, count: bytes.count).copyBytes(from: bytes)
        protect()
        return UnsafePointer(place.assumingMemoryBound(to: UInt8.self))
    }

    /// The same for a struct of C.
    func lend<Struct: BitwiseCopyable>(_ value: Struct) -> UnsafePointer<Struct>? {
        guard let place = map(MemoryLayout<Struct>.size) else { return nil }
        let typed = place.bindMemory(to: Struct.self, capacity: 1)
        typed.initialize(to: value)
        protect()
        return UnsafePointer(typed)
    }

    /// Everything lent so far becomes unreadable.
    func takeBack() {
        for mapping in mappings { mprotect(mapping.start, mapping.bytes, PROT_NONE) }
        mappings = []
    }

    private func map(_ bytes: Int) -> UnsafeMutableRawPointer? {
        let used = (bytes + Self.pageBytes - 1) / Self.pageBytes * Self.pageBytes
        let whole = used + Self.pageBytes
        guard let start = mmap(nil, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            start != MAP_FAILED
        else { return nil }
        mappings.append((start, whole))
        return start + used - bytes
    }

    /// Of the last mapping: read-only, its last page unreadable.
    private func protect() {
        guard let (start, bytes) = mappings.last else { return }
        mprotect(start, bytes - Self.pageBytes, PROT_READ)
        mprotect(start + bytes - Self.pageBytes, Self.pageBytes, PROT_NONE)
    }
}
