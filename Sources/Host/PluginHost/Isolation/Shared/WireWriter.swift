/// Writes values one after the other into memory of a fixed size; what does not fit is not written, and noted.
struct WireWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    /// Something did not fit.
    private(set) var isOverfull = false

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    /// Bytes that still fit.
    var room: Int { memory.count - count }

    mutating func write(_ value: UInt8) { write(raw: value) }
    mutating func write(_ value: UInt32) { write(raw: value) }
    mutating func write(_ value: UInt64) { write(raw: value) }
    mutating func write(_ value: Int64) { write(raw: value) }
    mutating func write(_ value: Bool) { write(raw: value ? 1 as UInt8 : 0) }

    /// With its length.
    mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write(counted: $0) }
    }

    /// With its length, as UTF-8.
    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(counted: UnsafeRawBufferPointer($0)) }
    }

    private mutating func write(counted bytes: UnsafeRawBufferPointer) {
        guard room >= 4 + bytes.count else {
            isOverfull = true
            return
        }
        write(raw: UInt32(bytes.count))
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func write(raw value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        guard room >= size else {
            isOverfull = true
            return
        }
        memory.storeBytes(of: value, toByteOffset: count, as: type(of: value))
        count += size
    }
}
