import PluginKit

/// One operation of a patch (RFC 6902, section 4). Values are kept as they are written.
enum Operation {
    case add(JSONPointer, value: [UInt8])
    case remove(JSONPointer)
    case replace(JSONPointer, value: [UInt8])
    case move(JSONPointer, from: JSONPointer)
    case copy(JSONPointer, from: JSONPointer)
    case test(JSONPointer, value: [UInt8])

    var name: String {
        switch self {
        case .add: "add"
        case .remove: "remove"
        case .replace: "replace"
        case .move: "move"
        case .copy: "copy"
        case .test: "test"
        }
    }
}

/// Reads the member `patch` of the settings, from the text itself so that values keep their spelling.
enum OperationReader {
    private struct Members {
        var operation: String?
        var path: String?
        var from: String?
        var value: Range<Int>?
        /// A member that is there twice: which one was meant?
        var repeated: String?
    }

    static func operations(in settings: Settings) throws(PluginError) -> [Operation] {
        guard let start = settings.position(of: "patch") else { throw .invalidSettings("patch is missing.") }
        do throws(JSONError) {
            return try settings.withText { text throws(JSONError) in
                var operations: [Operation] = []
                var cursor = JSONCursor(offset: start)
                try cursor.enterArray(in: text)
                while try cursor.nextElement(in: text) {
                    _ = try cursor.peekKind(in: text)
                    let place = cursor.offset
                    let members = try members(at: &cursor, in: text)
                    if let name = members.repeated {
                        throw JSONError(
                            offset: place, sentence: "patch[\(operations.count)] has \(name) twice.")
                    }
                    operations.append(try operation(members, operations.count, place, text))
                }
                return operations
            }
        } catch {
            throw .invalidSettings(error.sentence, at: error.offset)
        }
    }

    private static func members(at cursor: inout JSONCursor, in text: Span<UInt8>) throws(JSONError) -> Members {
        var members = Members()
        var seen: Set<[UInt8]> = []
        try cursor.enterObject(in: text)
        while let token = try cursor.nextMember(in: text) {
            let name = token.string(in: text)
            if !seen.insert(Array(name.utf8)).inserted { members.repeated = name }
            switch ["op", "path", "from", "value"].first(where: { name.isExactly($0) }) {
            case "op": members.operation = try cursor.readText(skippingSpaceIn: text)
            case "path": members.path = try cursor.readText(skippingSpaceIn: text)
            case "from": members.from = try cursor.readText(skippingSpaceIn: text)
            case "value": members.value = try cursor.skipValue(in: text)
            // Members that an operation does not define are ignored (section 4).
            default: try cursor.skipValue(in: text)
            }
        }
        return members
    }

    private static let names = ["add", "remove", "replace", "move", "copy", "test"]

    private static func operation(
        _ members: Members, _ index: Int, _ place: Int, _ text: Span<UInt8>
    ) throws(JSONError) -> Operation {
        func mistake(_ rule: String) -> JSONError {
            JSONError(offset: place, sentence: "patch[\(index)]\(rule).")
        }
        func pointer(_ text: String?, _ name: String) throws(JSONError) -> JSONPointer {
            guard let pointer = text.flatMap(JSONPointer.init) else {
                throw mistake(".\(name) must be a JSON Pointer, such as /order/id")
            }
            return pointer
        }
        let path = try pointer(members.path, "path")
        func value() throws(JSONError) -> [UInt8] {
            guard let range = members.value else { throw mistake(".value is missing") }
            return text.extracting(range).withUnsafeBufferPointer { Array($0) }
        }
        switch Self.names.first(where: { members.operation?.isExactly($0) == true }) {
        case "add": return .add(path, value: try value())
        case "remove":
            guard !path.tokens.isEmpty else { throw mistake(".path must not be the whole payload") }
            return .remove(path)
        case "replace": return .replace(path, value: try value())
        case "move":
            let from = try pointer(members.from, "from")
            guard from == path || !path.tokens.starts(with: from.tokens) else {
                throw mistake(" moves a value into itself")
            }
            return .move(path, from: from)
        case "copy": return .copy(path, from: try pointer(members.from, "from"))
        case "test": return .test(path, value: try value())
        default: throw mistake(".op must be one of \(names.joined(separator: ", "))")
        }
    }
}

extension JSONCursor {
    fileprivate mutating func readText(skippingSpaceIn text: Span<UInt8>) throws(JSONError) -> String {
        _ = try peekKind(in: text)
        return try readText(in: text).string(in: text)
    }
}
