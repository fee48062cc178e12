import JSON
import Testing

@Suite struct JSONSlicesTests {
    private func texts(_ text: String, _ ranges: [Range<Int>]) -> [String] {
        let bytes = Array(text.utf8)
        return ranges.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test(arguments: [
        ("[]", []), (" [ ] ", []), (#"[1.10,{"a" : 1e400 } , "é"]"#, ["1.10", #"{"a" : 1e400 }"#, "\"é\""]),
        ("[[1],[]]", ["[1]", "[]"]),
    ])
    func `elements are cut byte for byte`(text: String, elements: [String]) throws {
        #expect(try texts(text, JSONSlices.elements(of: Array(text.utf8))) == elements)
    }

    @Test func `members keep their order and their repetitions`() throws {
        let text = #"{"a": 1.0, "\u0062":{"c":[ 2 ]},"a":null}"#
        let members = try JSONSlices.members(of: Array(text.utf8))
        #expect(members.map(\.name) == ["a", "b", "a"])
        #expect(texts(text, members.map(\.value)) == ["1.0", #"{"c":[ 2 ]}"#, "null"])
    }

    @Test func `a part is cut where it stands`() throws {
        let text = #" {"events": [ {"x":1}, 2 ] , "more":true} "#
        let bytes = Array(text.utf8)
        let events = try #require(try JSONSlices.members(of: bytes).first).value
        let elements = try JSONSlices.elements(of: bytes, in: events)
        #expect(texts(text, elements) == [#"{"x":1}"#, "2"])
        #expect(try JSONSlices.members(of: bytes, in: elements[0]).map(\.name) == ["x"])
    }

    @Test(arguments: ["", "{}", "[1,]", "[1] 2", "[01]", "[\"\u{1}\"]", "[[[[1]]]]"])
    func `what is no array of this depth is refused with its place`(text: String) {
        #expect(throws: JSONError.self) { try JSONSlices.elements(of: Array(text.utf8), depthLimit: 3) }
    }

    @Test(arguments: ["", "[]", #"{"a":1,}"#, #"{"a" 1}"#, "{} {}"])
    func `what is no object is refused with its place`(text: String) {
        #expect(throws: JSONError.self) { try JSONSlices.members(of: Array(text.utf8)) }
    }
}
