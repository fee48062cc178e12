extension JSONValue {
    /// Parses one JSON text: RFC 8259 without leniency, in valid UTF-8. Time is linear in its length.
    /// depthLimit: containers inside one another, at most `JSONCursor.depthLimitMax`.
    public init(parsing bytes: [UInt8], depthLimit: Int = 64) throws(JSONError) {
        try self.init(parsing: bytes.span, depthLimit: depthLimit)
    }

    /// The same for bytes that are not in an array.
    public init(parsing bytes: Span<UInt8>, depthLimit: Int = 64) throws(JSONError) {
        var cursor = JSONCursor(depthLimit: depthLimit)
        self = try Self.read(bytes, at: &cursor)
        try cursor.finish(in: bytes)
    }

    // It recurses once for each level, which the cursor bounds.
    private static func read(_ bytes: Span<UInt8>, at cursor: inout JSONCursor) throws(JSONError) -> JSONValue {
        switch try cursor.peekKind(in: bytes) {
        case .object:
            var members: [(name: String, value: JSONValue)] = []
            try cursor.enterObject(in: bytes)
            while let name = try cursor.nextMember(in: bytes) {
                members.append((name.string(in: bytes), try read(bytes, at: &cursor)))
            }
            return .object(JSONObject(members))
        case .array:
            var elements: [JSONValue] = []
            try cursor.enterArray(in: bytes)
            while try cursor.nextElement(in: bytes) { elements.append(try read(bytes, at: &cursor)) }
            return .array(elements)
        case .string: return .string(try cursor.readText(in: bytes).string(in: bytes))
        case .number:
            let range = try cursor.skipValue(in: bytes)
            return .number(JSONText(range: range, isEscaped: false).string(in: bytes))
        case .bool:
            let isTrue = bytes[cursor.offset] == UInt8(ascii: "t")
            try cursor.skipValue(in: bytes)
            return .bool(isTrue)
        case .null:
            try cursor.skipValue(in: bytes)
            return .null
        }
    }
}
