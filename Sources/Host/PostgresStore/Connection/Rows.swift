import CLibpq
import Domain
import Ports

/// What a statement returned. Owns libpq's result and frees it.
final class Rows {
    fileprivate let result: OpaquePointer
    let count: Int

    /// Takes the result over.
    init(_ result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    /// Rows that a statement without RETURNING has changed.
    var affected: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    func map<Element>(_ read: (inout Row) throws(StoreError) -> Element) throws(StoreError) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            var row = Row(rows: self, index: Int32(index))
            elements.append(try read(&row))
        }
        return elements
    }

    func first<Element>(_ read: (inout Row) throws(StoreError) -> Element) throws(StoreError) -> Element? {
        guard count > 0 else { return nil }
        var row = Row(rows: self, index: 0)
        return try read(&row)
    }
}

/// One row, read column by column from the left: each call takes the next.
struct Row {
    fileprivate let rows: Rows
    fileprivate let index: Int32
    private var column: Int32 = 0

    fileprivate init(rows: Rows, index: Int32) {
        self.rows = rows
        self.index = index
    }

    mutating func value<Value: PostgresValue>(_: Value.Type = Value.self) throws(StoreError) -> Value {
        guard let value: Value = try optional() else { throw mismatch("is null") }
        return value
    }

    mutating func optional<Value: PostgresValue>(_: Value.Type = Value.self) throws(StoreError) -> Value? {
        guard let bytes = nextBytes() else { return nil }
        guard let value = Value(binary: bytes) else { throw mismatch("is no \(Value.self)") }
        return value
    }

    /// A member of one of the contract's enumerations.
    mutating func named<Value: RawRepresentable>(_: Value.Type = Value.self) throws(StoreError) -> Value
    where Value.RawValue: PostgresValue {
        let number: Value.RawValue = try value()
        guard let value = Value(rawValue: number) else { throw mismatch("holds \(number), which is no \(Value.self)") }
        return value
    }

    /// Smallint, integer or bigint by the column's own width.
    mutating func integer() throws(StoreError) -> Int {
        guard let bytes = nextBytes() else { throw mismatch("is null") }
        switch bytes.count {
        case 2: return Int16(binary: bytes).map(Int.init)!
        case 4: return Int32(binary: bytes).map(Int.init)!
        case 8: return Int64(binary: bytes).map(Int.init)!
        default: throw mismatch("is no integer")
        }
    }

    /// A one-dimensional array.
    mutating func array<Value: PostgresValue>(of _: Value.Type = Value.self) throws(StoreError) -> [Value?] {
        guard let bytes = nextBytes() else { return [] }
        guard let elements = readArray(bytes, of: Value.self) else { throw mismatch("is no array of \(Value.self)") }
        return elements
    }

    /// Valid as long as `rows` lives, which `self` keeps alive.
    private mutating func nextBytes() -> UnsafeRawBufferPointer? {
        defer { column += 1 }
        guard PQgetisnull(rows.result, index, column) == 0 else { return nil }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(rows.result, index, column), count: Int(PQgetlength(rows.result, index, column)))
    }

    private func mismatch(_ what: String) -> StoreError {
        let name = PQfname(rows.result, column - 1).map { String(cString: $0) } ?? "?"
        return .rejected(sqlState: "22P03", "column \(column) (\(name)) \(what)")
    }
}

private func readArray<Value: PostgresValue>(_ bytes: UnsafeRawBufferPointer, of: Value.Type) -> [Value?]? {
    func number(_ offset: Int) -> Int? {
        guard offset + 4 <= bytes.count else { return nil }
        return Int(Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    }
    guard let dimensions = number(0) else { return nil }
    guard dimensions > 0 else { return [] }
    guard dimensions == 1, let length = number(12) else { return nil }
    var position = 20
    var elements: [Value?] = []
    for _ in 0..<length {
        guard let size = number(position) else { return nil }
        position += 4
        if size < 0 {
            elements.append(nil)
            continue
        }
        guard position + size <= bytes.count,
            let element = Value(binary: UnsafeRawBufferPointer(rebasing: bytes[position..<position + size]))
        else { return nil }
        elements.append(element)
        position += size
    }
    return elements
}
