/// One step from a value into a part of it.
enum PathStep: Hashable {
    /// Into the member of an object; the name in UTF-8.
    case member([UInt8])
    /// Into the element of an array, from 0.
    case element(Int)
}

extension PathStep {
    /// The steps of a path such as `order:items[0]:sku`; nil if a segment can match nothing, whatever the payload.
    ///
    /// White space around the path goes, white space inside belongs to the names. An index ends at the first closing
    /// bracket, and what stands between that and the next colon is ignored, as the language has it since its first day.
    static func steps(of path: Substring) -> [PathStep]? {
        var steps: [PathStep] = []
        for segment in trimmed(path).unicodeScalars.split(separator: ":", omittingEmptySubsequences: false) {
            guard let bracket = segment.firstIndex(of: "[") else {
                steps.append(.member(Array(Substring(segment).utf8)))
                continue
            }
            let name = Substring(segment[..<bracket])
            let rest = segment[segment.index(after: bracket)...]
            guard let end = rest.firstIndex(of: "]"), let index = index(Substring(rest[..<end])) else { return nil }
            if !name.isEmpty { steps.append(.member(Array(name.utf8))) }
            steps.append(.element(index))
        }
        return steps
    }

    /// A decimal integer of 32 bits, spaces around it allowed; nil if it is negative.
    private static func index(_ text: Substring) -> Int? {
        let digits = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
        guard let index = Int32(Substring(decoding: digits, as: UTF8.self)), index >= 0 else { return nil }
        return Int(index)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return Substring(scalars[first...last])
    }
}
