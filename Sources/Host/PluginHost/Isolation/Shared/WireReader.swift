/// What was read is not what a `WireWriter` writes.
struct Malformed: Error {}

/// Reads back what a `WireWriter` wrote, without believing any of it: whatever is too long, unknown or not UTF-8
/// throws. The memory must not change meanwhile, so the host reads copies.
struct WireReader {
    private let memory: UnsafeRawBufferPointer
    private var position = 0

    init(_ memory: UnsafeRawBufferPointer) { self.memory = memory }

    /// Throws if anything is left.
    func finish() throws(Malformed) {
        guard position == memory.count else { throw Malformed() }
    }

    mutating func byte() throws(Malformed) -> UInt8 { try raw() }
    mutating func word() throws(Malformed) -> UInt32 { try raw() }
    mutating func number() throws(Malformed) -> UInt64 { try raw() }
    mutating func signed() throws(Malformed) -> Int64 { try raw() }

    mutating func flag() throws(Malformed) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw Malformed()
        }
    }

    mutating func bytes() throws(Malformed) -> [UInt8] { Array(try counted()) }

    mutating func text() throws(Malformed) -> String {
        guard let text = String(validating: try counted(), as: UTF8.self) else { throw Malformed() }
        return text
    }

    /// A number of things that follow, each of at least one byte.
    mutating func count(max: Int) throws(Malformed) -> Int {
        let count = Int(try word())
        guard count <= max, count <= memory.count - position else { throw Malformed() }
        return count
    }

    private mutating func counted() throws(Malformed) -> UnsafeRawBufferPointer {
        let count = Int(try word())
        guard count <= memory.count - position else { throw Malformed() }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: memory[position..<position + count])
    }

    private mutating func raw<Value: FixedWidthInteger>() throws(Malformed) -> Value {
        let size = MemoryLayout<Value>.size
        guard size <= memory.count - position else { throw Malformed() }
        defer { position += size }
        return memory.loadUnaligned(fromByteOffset: position, as: Value.self)
    }
}

extension WireReader {
    /// Reads all of some bytes.
    static func read<Value>(
        _ bytes: [UInt8], _ make: (inout WireReader) throws(Malformed) -> Value
    ) throws(Malformed) -> Value {
        let result: Result<Value, Malformed> = bytes.withUnsafeBytes { memory in
            Result { () throws(Malformed) in
                var wire = WireReader(memory)
                return try make(&wire)
            }
        }
        return try result.get()
    }
}
