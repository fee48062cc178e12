/// The values of one statement, in binary, in the order of `$1`, `$2`, …. Used again from statement to statement.
final class Parameters {
    private let buffer = ByteBuffer()
    /// Where each value begins; -1 for null.
    private var offsets: [Int] = []
    private(set) var lengths: [Int32] = []
    private(set) var types: [UInt32] = []

    var count: Int { offsets.count }

    func removeAll() {
        buffer.removeAll()
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
    }

    /// Nil is null.
    func add<Value: PostgresValue>(_ value: Value?) {
        let start = buffer.count
        value?.write(into: buffer)
        finish(Value.oid, from: value == nil ? nil : start)
    }

    /// One column of a batch, as an array to be unnested; a nil becomes a null element.
    func array<Rows: Collection, Value: PostgresValue>(_ rows: Rows, _ value: (Rows.Element) -> Value?) {
        let start = buffer.count
        // The header: dimensions, whether there are nulls, type of the elements, length, lower bound.
        buffer.append(Int32(1))
        buffer.append(Int32(0))
        buffer.append(Value.oid)
        buffer.append(Int32(rows.count))
        buffer.append(Int32(1))
        var hasNulls = false
        for row in rows {
            let lengthAt = buffer.count
            if let element = value(row) {
                buffer.append(Int32(0))
                element.write(into: buffer)
                buffer.put(Int32(buffer.count - lengthAt - 4), at: lengthAt)
            } else {
                buffer.append(Int32(-1))
                hasNulls = true
            }
        }
        if hasNulls { buffer.put(1, at: start + 4) }
        finish(Value.arrayOID, from: start)
    }

    func array<Rows: Collection>(_ rows: Rows) where Rows.Element: PostgresValue { array(rows) { $0 } }

    func nullArray<Value: PostgresValue>(of: Value.Type) { finish(Value.arrayOID, from: nil) }

    /// values: one pointer a parameter, null for null; valid within the call only.
    func withValues<Result>(_ read: (_ values: [UnsafePointer<CChar>?]) -> Result) -> Result {
        buffer.withMemory { start in
            read(offsets.map { $0 < 0 ? nil : (start + $0).assumingMemoryBound(to: CChar.self) })
        }
    }

    private func finish(_ type: UInt32, from start: Int?) {
        offsets.append(start ?? -1)
        lengths.append(start.map { Int32(buffer.count - $0) } ?? 0)
        types.append(type)
    }
}
