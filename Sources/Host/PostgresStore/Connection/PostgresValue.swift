import Domain

/// A value that travels in PostgreSQL's binary format, both ways.
protocol PostgresValue {
    /// The type's number in `pg_type`, and that of its array type.
    static var oid: UInt32 { get }
    static var arrayOID: UInt32 { get }
    func write(into buffer: ByteBuffer)
    /// Nil if the bytes are not one of these.
    init?(binary: UnsafeRawBufferPointer)
}

extension PostgresValue where Self: FixedWidthInteger {
    func write(into buffer: ByteBuffer) { buffer.append(self) }

    init?(binary: UnsafeRawBufferPointer) {
        guard binary.count == MemoryLayout<Self>.size else { return nil }
        self = Self(bigEndian: binary.loadUnaligned(as: Self.self))
    }
}

extension Int16: PostgresValue {
    static var oid: UInt32 { 21 }
    static var arrayOID: UInt32 { 1005 }
}

extension Int32: PostgresValue {
    static var oid: UInt32 { 23 }
    static var arrayOID: UInt32 { 1007 }
}

extension Int64: PostgresValue {
    static var oid: UInt32 { 20 }
    static var arrayOID: UInt32 { 1016 }
}

extension Bool: PostgresValue {
    static var oid: UInt32 { 16 }
    static var arrayOID: UInt32 { 1000 }
    func write(into buffer: ByteBuffer) { buffer.append(UInt8(self ? 1 : 0)) }

    init?(binary: UnsafeRawBufferPointer) {
        guard binary.count == 1 else { return nil }
        self = binary[0] != 0
    }
}

extension ID: PostgresValue {
    static var oid: UInt32 { 2950 }
    static var arrayOID: UInt32 { 2951 }

    func write(into buffer: ByteBuffer) {
        buffer.append(high)
        buffer.append(low)
    }

    init?(binary: UnsafeRawBufferPointer) {
        guard binary.count == 16 else { return nil }
        self.init(
            high: UInt64(bigEndian: binary.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: binary.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension Timestamp: PostgresValue {
    static var oid: UInt32 { 1184 }
    static var arrayOID: UInt32 { 1185 }
    /// PostgreSQL counts microseconds from 2000-01-01.
    private static let epoch: Int64 = 946_684_800_000_000

    /// How it writes `infinity`.
    private static let infinity = Int64.max

    func write(into buffer: ByteBuffer) {
        buffer.append(self == .never ? Self.infinity : microseconds &- Self.epoch)
    }

    init?(binary: UnsafeRawBufferPointer) {
        guard let sinceEpoch = Int64(binary: binary) else { return nil }
        self = sinceEpoch == Self.infinity ? .never : Timestamp(microseconds: sinceEpoch &+ Self.epoch)
    }
}

extension Array: PostgresValue where Element == UInt8 {
    static var oid: UInt32 { 17 }
    static var arrayOID: UInt32 { 1001 }
    func write(into buffer: ByteBuffer) { withUnsafeBytes { buffer.append(contentsOf: $0) } }
    init?(binary: UnsafeRawBufferPointer) { self.init(binary) }
}

extension String: PostgresValue {
    static var oid: UInt32 { 25 }
    static var arrayOID: UInt32 { 1009 }

    func write(into buffer: ByteBuffer) {
        let start = buffer.count
        var text = self
        text.withUTF8 { buffer.append(contentsOf: UnsafeRawBufferPointer($0)) }
        // PostgreSQL's text cannot hold NUL, and one such text would sink its whole batch. It becomes
        // SUBSTITUTE (U+001A), which has the same length.
        buffer.replaceZeros(from: start, with: 0x1A)
    }

    init?(binary: UnsafeRawBufferPointer) { self.init(decoding: binary, as: UTF8.self) }
}
