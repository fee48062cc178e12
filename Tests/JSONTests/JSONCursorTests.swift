import JSON
import Testing

/// A cursor with its text; the testing macros cannot take the span that the cursor itself wants.
private struct Walk {
    let bytes: [UInt8]
    var cursor = JSONCursor()

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func kind() throws -> JSONKind { try step { try $0.peekKind(in: $1) } }
    mutating func object() throws { try step { try $0.enterObject(in: $1) } }
    mutating func array() throws { try step { try $0.enterArray(in: $1) } }
    mutating func element() throws -> Bool { try step { try $0.nextElement(in: $1) } }
    mutating func member() throws -> JSONText? { try step { try $0.nextMember(in: $1) } }
    mutating func text() throws -> JSONText { try step { try $0.readText(in: $1) } }
    mutating func finish() throws { try step { try $0.finish(in: $1) } }

    mutating func value() throws -> String {
        String(decoding: bytes[try step { try $0.skipValue(in: $1) }], as: UTF8.self)
    }

    func string(_ text: JSONText) -> String { text.string(in: bytes.span) }
    func isSame(_ text: JSONText, as other: String) -> Bool { text.equals(Array(other.utf8), in: bytes.span) }

    private mutating func step<Result>(_ body: (inout JSONCursor, Span<UInt8>) throws -> Result) rethrows -> Result {
        let bytes = bytes
        return try body(&cursor, bytes.span)
    }
}

@Suite("The JSON cursor")
struct JSONCursorTests {
    @Test("Values are found as byte ranges, with names as they stand in the text")
    func findsRanges() throws {
        var walk = Walk(#" { "a" : 1.10 , "\u0062": [ {} , "x" ] } "#)
        var found: [[String]] = []
        #expect(try walk.kind() == .object)
        try walk.object()
        while let name = try walk.member() { found.append([walk.string(name), try walk.value()]) }
        try walk.finish()
        #expect(found == [["a", "1.10"], ["b", #"[ {} , "x" ]"#]])
    }

    @Test("Arrays and strings can be walked into")
    func entersContainers() throws {
        var walk = Walk(#"[[],["p\n","q"],7]"#)
        try walk.array()
        #expect(try walk.element())
        try walk.array()
        #expect(try !walk.element())
        #expect(try walk.element())
        try walk.array()
        #expect(walk.cursor.depth == 2)
        #expect(try walk.element())
        let first = try walk.text()
        #expect(first.isEscaped)
        #expect(walk.string(first) == "p\n")
        #expect(walk.isSame(first, as: "p\n"))
        #expect(!walk.isSame(first, as: "p\\n"))
        #expect(try walk.element())
        let second = try walk.text()
        #expect(!second.isEscaped)
        #expect(walk.isSame(second, as: "q"))
        #expect(!walk.isSame(second, as: "r"))
        #expect(try !walk.element())
        #expect(try walk.element())
        #expect(try walk.value() == "7")
        #expect(try !walk.element())
        try walk.finish()
    }

    @Test("Entering a value of another kind is refused, and so is text after the value")
    func refusesOtherKinds() {
        var walk = Walk("[1] 2")
        #expect(throws: JSONError.self) { try walk.object() }
        #expect(throws: JSONError.self) { try walk.text() }
        #expect(throws: Never.self) { try walk.value() }
        #expect(throws: JSONError.self) { try walk.finish() }
    }
}
