import JSON
import Testing

@Suite("JSON pointers")
struct JSONPointerTests {
    /// RFC 6901, section 5, with what it calls the whole document last.
    private static let document = Array(
        #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#.utf8)

    private func find(_ pointer: String, in text: [UInt8] = document) throws -> String? {
        let pointer = try #require(JSONPointer(pointer))
        return try pointer.find(in: text.span).map { String(decoding: text[$0], as: UTF8.self) }
    }

    @Test(
        "The examples of RFC 6901",
        arguments: [
            ("/foo", #"["bar","baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"),
            ("/e^f", "3"), ("/g|h", "4"), ("/i\\j", "5"), ("/k\"l", "6"), ("/ ", "7"), ("/m~0n", "8"),
        ])
    func matchesStandard(pointer: String, value: String) throws {
        #expect(try find(pointer) == value)
    }

    @Test("The whole is the value without the white space around it")
    func findsTheWhole() throws {
        #expect(try find("", in: Array(" \n[1 ] ".utf8)) == "[1 ]")
        #expect(JSONScanner.range(ofValueIn: Array(" \n[1 ] ".utf8)) == 2..<6)
    }

    @Test(
        "Places that are not there",
        arguments: ["/none", "/foo/2", "/foo/00", "/foo/-", "/foo/bar", "/foo/0/x", "/foo/1000000000000", "/FOO", "//"])
    func findsNothing(pointer: String) throws {
        #expect(try find(pointer) == nil)
    }

    @Test("Texts that are no pointers", arguments: ["foo", "#/foo", "/~", "/a~2", "/~a", " /a"])
    func refuses(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test("Of a repeated member the last counts, whatever escapes it is written with")
    func takesTheLast() throws {
        #expect(try find("/a/b", in: Array(#"{"a":1,"\u0061":{"b":2,"\u0062":3}}"#.utf8)) == "3")
    }

    @Test("All of the text is checked", arguments: [#"{"a":1,}"#, #"{"a":1} x"#, #"{"a":1,"b":[}"#, ""])
    func checksTheText(text: String) throws {
        #expect(throws: JSONError.self) { try find("/a", in: Array(text.utf8)) }
    }
}
