import JSON

/// A mapping, compiled: from each output name to an expression over a payload. README.md beside this folder describes
/// the language.
///
/// Compiling takes time linear in the mapping's text, save for sorting its names. Applying takes time linear in the
/// payload, whatever the payload: one walk finds all values as byte ranges, and the result is put together from those.
package struct MappingProgram: Sendable {
    /// What an output is made from. Paths are nodes of the tree; nil is a path that matches nothing.
    enum Expression: Sendable {
        case copy(Int?)
        case join(Int?, Int?)
    }

    enum Source: Sendable {
        case one(Expression)
        case list([Expression])
    }

    struct Output: Sendable {
        /// The name as it stands in the mapping, with its quotes and escapes.
        var token: [UInt8]
        var source: Source
    }

    let outputs: [Output]
    let tree: PathTree

    /// mapping: one JSON object. Values that are neither a string nor an array are ignored, and so are members of an
    /// array that are no strings; of outputs with the same name the last one counts.
    package init(parsing mapping: Span<UInt8>) throws(MappingError) {
        do throws(JSONError) {
            var compiler = MappingCompiler()
            try compiler.read(mapping)
            outputs = compiler.lastOutputs()
            tree = PathTree(compiler.paths)
        } catch {
            throw MappingError(position: error.offset, sentence: error.sentence)
        }
    }

    /// The mapped payload, a flat JSON object. Throws if the payload is not JSON, if it is nested more than 64 deep, if
    /// a sum spans more than 1,000 decimal places, or if the values taken have more bytes, or the sums more digits,
    /// than `MappingWriter` allows.
    package func apply(to payload: Span<UInt8>) throws(MappingError) -> [UInt8] {
        let values: PayloadValues
        do throws(JSONError) {
            values = try PayloadValues(of: payload, tree: tree)
        } catch {
            throw MappingError(position: error.offset, sentence: error.sentence)
        }
        var writer = MappingWriter(values: values, payloadSize: payload.count)
        for output in outputs { try writer.write(output, from: payload) }
        return writer.finished()
    }
}
