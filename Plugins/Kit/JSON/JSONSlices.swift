/// Cuts a text into the texts of its parts, for whoever passes them on byte for byte.
///
/// Both functions check all of what they cut. The ranges are offsets into the whole text, without white space around
/// the values.
public enum JSONSlices {
    /// The elements of an array.
    /// range: where the array stands in the text; nil: it is the text.
    public static func elements(
        of bytes: [UInt8], in range: Range<Int>? = nil, depthLimit: Int = 64
    ) throws(JSONError) -> [Range<Int>] {
        let text = bytes.span.extracting(0..<(range?.upperBound ?? bytes.count))
        var cursor = JSONCursor(offset: range?.lowerBound ?? 0, depthLimit: depthLimit)
        var elements: [Range<Int>] = []
        try cursor.enterArray(in: text)
        while try cursor.nextElement(in: text) { elements.append(try cursor.skipValue(in: text)) }
        try cursor.finish(in: text)
        return elements
    }

    /// The members of an object in the order of the text, repeated names included.
    /// range: where the object stands in the text; nil: it is the text.
    public static func members(
        of bytes: [UInt8], in range: Range<Int>? = nil, depthLimit: Int = 64
    ) throws(JSONError) -> [(name: String, value: Range<Int>)] {
        let text = bytes.span.extracting(0..<(range?.upperBound ?? bytes.count))
        var cursor = JSONCursor(offset: range?.lowerBound ?? 0, depthLimit: depthLimit)
        var members: [(name: String, value: Range<Int>)] = []
        try cursor.enterObject(in: text)
        while let name = try cursor.nextMember(in: text) {
            members.append((name.string(in: text), try cursor.skipValue(in: text)))
        }
        try cursor.finish(in: text)
        return members
    }
}
