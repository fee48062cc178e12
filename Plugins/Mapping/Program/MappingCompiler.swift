import JSON

/// Reads a mapping's text, collects its outputs, and gathers their paths in one tree.
struct MappingCompiler {
    private(set) var paths = PathTreeBuilder()
    private var outputs: [MappingProgram.Output?] = []
    // Where in `outputs` a name stands, by its decoded UTF-8.
    private var places: [[UInt8]: Int] = [:]

    mutating func read(_ mapping: Span<UInt8>) throws(JSONError) {
        var cursor = JSONCursor()
        try cursor.enterObject(in: mapping)
        while let name = try cursor.nextMember(in: mapping) {
            let source = try readSource(mapping, at: &cursor)
            let token = mapping.extracting(name.range.lowerBound - 1..<name.range.upperBound + 1)
            let output = source.map {
                MappingProgram.Output(token: token.withUnsafeBufferPointer { Array($0) }, source: $0)
            }
            if let earlier = places.updateValue(outputs.count, forKey: name.utf8(in: mapping)) {
                outputs[earlier] = nil
            }
            outputs.append(output)
        }
        try cursor.finish(in: mapping)
    }

    /// The outputs in the mapping's order, without those that a later one of the same name replaces.
    func lastOutputs() -> [MappingProgram.Output] {
        outputs.compactMap { $0 }
    }

    private mutating func readSource(
        _ mapping: Span<UInt8>, at cursor: inout JSONCursor
    ) throws(JSONError) -> MappingProgram.Source? {
        switch try cursor.peekKind(in: mapping) {
        case .string: return .one(expression(try cursor.readText(in: mapping).string(in: mapping)))
        case .array:
            var expressions: [MappingProgram.Expression] = []
            try cursor.enterArray(in: mapping)
            while try cursor.nextElement(in: mapping) {
                if try cursor.peekKind(in: mapping) == .string {
                    expressions.append(expression(try cursor.readText(in: mapping).string(in: mapping)))
                } else {
                    try cursor.skipValue(in: mapping)
                }
            }
            return .list(expressions)
        case .object, .number, .bool, .null:
            try cursor.skipValue(in: mapping)
            return nil
        }
    }

    /// The first plus that is not the first character splits an expression in two; any further one belongs to a name.
    private mutating func expression(_ text: String) -> MappingProgram.Expression {
        let scalars = text.unicodeScalars
        guard let plus = scalars.dropFirst().firstIndex(of: "+") else { return .copy(node(text[...])) }
        return .join(node(Substring(scalars[..<plus])), node(Substring(scalars[scalars.index(after: plus)...])))
    }

    private mutating func node(_ path: Substring) -> Int? {
        PathStep.steps(of: path).map { paths.insert($0) }
    }
}
