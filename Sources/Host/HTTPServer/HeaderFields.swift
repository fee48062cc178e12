import Domain

/// Header fields in the order they came, packed into one buffer: a field costs no allocation until its value is
/// asked for.
package struct HeaderFields: Sendable {
    // One field after the other: the length of the name and of the value, four bytes each, then both texts.
    private var packed: [UInt8] = []

    package init(_ fields: [(name: String, value: String)] = []) {
        for field in fields {
            var (name, value) = field
            name.withUTF8 { name in value.withUTF8 { append(name: name, value: $0) } }
        }
    }

    mutating func reserve(bytes: Int) { packed.reserveCapacity(bytes) }

    mutating func append(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        for length in [name.count, value.count] {
            withUnsafeBytes(of: UInt32(clamping: length)) { packed.append(contentsOf: $0) }
        }
        packed.append(contentsOf: name)
        packed.append(contentsOf: value)
    }

    /// The value of the first field of this name, in any case. Bytes that are not UTF-8 are replaced.
    package func first(_ name: String) -> String? {
        var found: String?
        forEach(named: name) { value in
            found = String(decoding: value, as: UTF8.self)
            return false
        }
        return found
    }

    /// The values of all fields of this name, in order.
    package func values(_ name: String) -> [String] {
        var found: [String] = []
        forEach(named: name) { value in
            found.append(String(decoding: value, as: UTF8.self))
            return true
        }
        return found
    }

    /// How many fields have this name.
    func count(of name: String) -> Int {
        var count = 0
        forEach(named: name) { _ in
            count += 1
            return true
        }
        return count
    }

    /// Whether every name is of visible ASCII, so that none ends in a space that another reader may cut off, and no
    /// value has a line end or a NUL in it.
    var areWellFormed: Bool {
        var areWell = true
        forEach { name, value in
            areWell =
                !name.isEmpty && name.allSatisfy { $0 > 0x20 && $0 < 0x7F }
                && value.allSatisfy { $0 != 0 && $0 != 10 && $0 != 13 }
            return areWell
        }
        return areWell
    }

    package var all: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        forEach { name, value in
            fields.append((String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
            return true
        }
        return fields
    }

    private func forEach(named name: String, _ visit: (UnsafeRawBufferPointer) -> Bool) {
        forEach { fieldName, value in
            guard fieldName.count == name.utf8.count, fieldName.elementsEqual(name.utf8, by: isSameIgnoringCase) else {
                return true
            }
            return visit(value)
        }
    }

    /// Visits the fields until `visit` returns false. The buffers are borrowed for the call.
    private func forEach(_ visit: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool) {
        packed.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                let nameLength = Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
                let valueLength = Int(bytes.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
                let nameStart = position + 8
                let valueStart = nameStart + nameLength
                position = valueStart + valueLength
                let more = visit(
                    UnsafeRawBufferPointer(rebasing: bytes[nameStart..<valueStart]),
                    UnsafeRawBufferPointer(rebasing: bytes[valueStart..<position]))
                if !more { return }
            }
        }
    }
}
