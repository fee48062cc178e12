import Glibc

/// Memory that grows, is written in network byte order and used again: batches of parameters cost no
/// allocation once it has reached its size.
final class ByteBuffer {
    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 4_096) {
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { memory.deallocate() }

    /// Empties the buffer. Memory beyond `keeping` bytes goes back, so that one huge batch is not paid for forever.
    func removeAll(keeping limit: Int = 4 << 20) {
        count = 0
        guard capacity > limit else { return }
        memory.deallocate()
        capacity = limit
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    func append<Number: FixedWidthInteger>(_ value: Number) {
        let size = MemoryLayout<Number>.size
        reserve(size)
        memory.storeBytes(of: value.bigEndian, toByteOffset: count, as: Number.self)
        count += size
    }

    func append(contentsOf bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(bytes.count)
        (memory + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Overwrites what was appended before.
    func put(_ value: Int32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count)
        memory.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    func replaceZeros(from start: Int, with byte: UInt8) {
        var position = start
        while position < count, let zero = memchr(memory + position, 0, count - position) {
            position = memory.distance(to: zero)
            memory.storeBytes(of: byte, toByteOffset: position, as: UInt8.self)
        }
    }

    /// start: the first byte; valid within the call only.
    func withMemory<Result>(_ read: (_ start: UnsafeRawPointer) -> Result) -> Result {
        read(UnsafeRawPointer(memory))
    }

    private func reserve(_ more: Int) {
        guard count + more > capacity else { return }
        capacity = max(capacity * 2, count + more)
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
        larger.copyMemory(from: memory, byteCount: count)
        memory.deallocate()
        memory = larger
    }
}
