import PluginKit

/// Why an operation could not be carried out: the words that follow its name.
struct PatchFailure: Error {
    var rule: String
}

/// A JSON text that is changed in place: each operation cuts and inserts bytes, and nothing else is rendered anew.
struct PatchedText {
    /// A patch may copy a value into itself again and again; beyond this size it has gone wrong.
    static let bytesMax = 4 << 20

    /// Always one JSON text.
    private(set) var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func apply(_ operation: Operation) throws(PatchFailure) {
        switch operation {
        case .add(let path, let value): try add(path, value)
        case .remove(let path): try remove(path)
        case .replace(let path, let value): bytes.replaceSubrange(try range(of: path), with: value)
        case .move(let path, let from):
            let value = Array(bytes[try range(of: from)])
            guard path != from else { return }
            try remove(from)
            try add(path, value)
        case .copy(let path, let from): try add(path, Array(bytes[try range(of: from)]))
        case .test(let path, let value):
            guard JSONEquality.isSame(bytes[try range(of: path)], value[...]) else {
                throw PatchFailure(rule: "found another value")
            }
        }
        guard bytes.count <= Self.bytesMax else {
            throw PatchFailure(rule: "makes the payload larger than \(Self.bytesMax) bytes")
        }
    }

    private func range(of path: JSONPointer) throws(PatchFailure) -> Range<Int> {
        let whole = JSONScanner.range(ofValueIn: bytes)
        guard let found = try? path.find(in: bytes.span, within: whole) else {
            throw PatchFailure(rule: "names a place that is not there")
        }
        return found
    }

    /// The container that holds, or is to hold, the last token's value.
    private func parent(of path: JSONPointer) throws(PatchFailure) -> Container {
        let parent = JSONPointer(tokens: Array(path.tokens.dropLast()))
        let whole = JSONScanner.range(ofValueIn: bytes)
        guard let range = try? parent.find(in: bytes.span, within: whole), let container = Container(bytes.span, range)
        else {
            throw PatchFailure(rule: "names a place that is not in an object or array")
        }
        return container
    }

    private mutating func add(_ path: JSONPointer, _ value: [UInt8]) throws(PatchFailure) {
        guard let token = path.tokens.last else {
            bytes = value
            return
        }
        let container = try parent(of: path)
        if container.isObject {
            if let known = container.items.last(where: { $0.name == token }) {
                bytes.replaceSubrange(known.value, with: value)
                return
            }
            var member: [UInt8] = []
            JSONValue.writeQuoted(String(decoding: token, as: UTF8.self), to: &member)
            append(member + [UInt8(ascii: ":")] + value, to: container)
            return
        }
        let count = container.items.count
        guard let index = token == [UInt8(ascii: "-")] ? count : JSONPointer.index(token), index <= count else {
            throw PatchFailure(rule: "names an index that the array does not have")
        }
        if index == count {
            append(value, to: container)
        } else {
            bytes.insert(contentsOf: value + [UInt8(ascii: ",")], at: container.items[index].start)
        }
    }

    private mutating func append(_ item: [UInt8], to container: Container) {
        if let last = container.items.last {
            bytes.insert(contentsOf: [UInt8(ascii: ",")] + item, at: last.value.upperBound)
        } else {
            bytes.insert(contentsOf: item, at: container.start + 1)
        }
    }

    private mutating func remove(_ path: JSONPointer) throws(PatchFailure) {
        guard let token = path.tokens.last else { return }
        let container = try parent(of: path)
        let doomed =
            container.isObject
            ? container.items.indices.filter { container.items[$0].name == token }
            : [JSONPointer.index(token)].compactMap { $0 }.filter(container.items.indices.contains)
        guard !doomed.isEmpty else { throw PatchFailure(rule: "names a place that is not there") }
        if container.isObject {
            if doomed.count == 1 { return cut(doomed[0], of: container.items) }
            // All of that name: an earlier one must not come to light when the last is gone.
            let kept = container.items.filter { $0.name != token }.map { bytes[$0.start..<$0.value.upperBound] }
            let end = container.items[container.items.count - 1].value.upperBound
            bytes.replaceSubrange(
                container.items[0].start..<end, with: Array(kept.joined(separator: [UInt8(ascii: ",")])))
        } else {
            cut(doomed[0], of: container.items)
        }
    }

    /// Takes an item out, and the comma on one side of it.
    private mutating func cut(_ index: Int, of items: [Container.Item]) {
        let item = items[index]
        if index > 0 {
            bytes.removeSubrange(items[index - 1].value.upperBound..<item.value.upperBound)
        } else if items.count > 1 {
            bytes.removeSubrange(item.start..<items[1].start)
        } else {
            bytes.removeSubrange(item.start..<item.value.upperBound)
        }
    }
}

/// An object or array and where its items lie in the text.
struct Container {
    struct Item {
        /// Where the item begins: at its name in an object.
        var start: Int
        /// Decoded; nil in an array.
        var name: [UInt8]?
        var value: Range<Int>
    }

    let isObject: Bool
    let start: Int
    private(set) var items: [Item] = []

    /// Nil if the value there is neither.
    init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        var cursor = JSONCursor(offset: range.lowerBound)
        start = range.lowerBound
        do throws(JSONError) {
            switch try cursor.peekKind(in: bytes) {
            case .object:
                isObject = true
                try cursor.enterObject(in: bytes)
                while let name = try cursor.nextMember(in: bytes) {
                    items.append(
                        Item(
                            start: name.range.lowerBound - 1, name: name.utf8(in: bytes),
                            value: try cursor.skipValue(in: bytes)))
                }
            case .array:
                isObject = false
                try cursor.enterArray(in: bytes)
                while try cursor.nextElement(in: bytes) {
                    let value = try cursor.skipValue(in: bytes)
                    items.append(Item(start: value.lowerBound, value: value))
                }
            case .string, .number, .bool, .null: return nil
            }
        } catch {
            return nil
        }
    }
}
