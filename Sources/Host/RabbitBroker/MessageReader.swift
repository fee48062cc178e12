import Domain

/// Takes fields off the front of borrowed bytes; each step checks that they are there.
struct MessageReader {
    private let bytes: UnsafeRawBufferPointer
    private var position: Int

    init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws(MessageFault) -> Number {
        let field = try take(MemoryLayout<Number>.size)
        return Number(bigEndian: field.loadUnaligned(as: Number.self))
    }

    mutating func id<Of>() throws(MessageFault) -> ID<Of> {
        ID(high: try integer(UInt64.self), low: try integer(UInt64.self))
    }

    /// A length byte and that much UTF-8.
    mutating func shortText() throws(MessageFault) -> String {
        let field = try take(Int(try integer(UInt8.self)))
        guard let text = String(validating: field, as: UTF8.self) else { throw .textIsNotUTF8 }
        return text
    }

    var isAtEnd: Bool { position == bytes.count }

    /// A length of four bytes and that much of anything, borrowed.
    mutating func block() throws(MessageFault) -> UnsafeRawBufferPointer {
        try take(Int(try integer(UInt32.self)))
    }

    /// A copy of all that is left.
    mutating func rest() -> [UInt8] {
        defer { position = bytes.count }
        return [UInt8](bytes[position...])
    }

    private mutating func take(_ count: Int) throws(MessageFault) -> UnsafeRawBufferPointer {
        guard bytes.count - position >= count else { throw .truncated }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }
}
