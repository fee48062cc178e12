import JSON
import Testing

private func parse(_ text: String) throws -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
}

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "Strings are decoded, and a lone surrogate becomes the replacement character",
        arguments: [
            ("\"\"", ""), ("\"Zo\u{EB}\"", "Zo\u{EB}"), ("\"\\u005A\\u006fe\"", "Zoe"),
            ("\"a\\/b\\\\c\\\"\"", "a/b\\c\""),
            ("\"\\b\\f\\n\\r\\t\"", "\u{8}\u{C}\n\r\t"), ("\"\\ud83d\\ude00!\"", "\u{1F600}!"),
            ("\"\\uD83D\\uDE00\"", "\u{1F600}"), ("\"\\ud800\"", "\u{FFFD}"), ("\"\\udc00x\"", "\u{FFFD}x"),
            ("\"\\ud800\\ud800\"", "\u{FFFD}\u{FFFD}"), ("\"\\ud800\\u0041\"", "\u{FFFD}A"),
            ("\"\\ud800\\n\"", "\u{FFFD}\n"), ("\"\\ud83d\\ud83d\\ude00\"", "\u{FFFD}\u{1F600}"),
            ("\"\\udbff\\udfff\"", "\u{10FFFF}"), ("\"\\ud800x\\udc00\"", "\u{FFFD}x\u{FFFD}"),
            ("\"\\u0000\"", "\u{0}"),
        ])
    func decodesStrings(token: String, meaning: String) throws {
        let text = try #require(try parse(token).text)
        #expect(Array(text.utf8) == Array(meaning.utf8))
    }

    @Test(
        "Each byte of a text is found in the token where it comes from",
        arguments: [
            ("", [0]), ("aéz", [0, 1, 2, 3, 4]), (#"\n\/z"#, [0, 2, 4, 5]), (#"\u00e9z"#, [0, 0, 6, 7]),
            (#"\ud83d\ude00!"#, [0, 0, 0, 0, 12, 13]), (#"\ud83d"#, [0, 0, 0, 6]), (#"\ud83d\n"#, [0, 0, 0, 6, 8]),
            (#"\ud83d\\"#, [0, 0, 0, 6, 8]), (#"\ud83d\u0041"#, [0, 0, 0, 6, 12]),
            (#"\udc00\udc00"#, [0, 0, 0, 6, 6, 6, 12]), (#"\ud83d\ud83d\ude00"#, [0, 0, 0, 6, 6, 6, 6, 18]),
        ])
    func placesBytes(content: String, places: [Int]) {
        // Nothing follows, so that a step too far would be one beyond the text.
        let bytes = Array("\"\(content)".utf8)
        let token = JSONText(range: 1..<bytes.count, isEscaped: true)
        #expect(token.utf8(in: bytes.span).count == places.count - 1)
        #expect(places.indices.map { token.place(ofUTF8: $0, in: bytes.span) - 1 } == places)
        #expect(token.place(ofUTF8: places.count + 9, in: bytes.span) == bytes.count)
    }

    @Test(
        "Numbers keep the text they had",
        arguments: ["0", "-0", "1.10", "1e400", "1E+2", "12345678901234567890", "0.30000000000000004", "-1.5e-3"])
    func keepsNumbers(text: String) throws {
        #expect(try parse(text) == .number(text))
        #expect(try parse(" [ \(text) ] ").serializedText() == "[\(text)]")
    }

    @Test("An integer is one only if it is written as one and fits")
    func readsIntegers() throws {
        #expect(try parse("42").integer == 42)
        #expect(try parse("-9223372036854775808").integer == .min)
        #expect(try parse("9223372036854775808").integer == nil)
        #expect(try parse("1.0").integer == nil)
        #expect(try parse("1e3").integer == nil)
        #expect(try parse("\"42\"").integer == nil)
        #expect(try parse("1.5e3").double == 1500)
        #expect(try parse("1e400").double == nil)
    }

    @Test("Of members with the same name the last one counts, and all are kept")
    func readsRepeatedMembers() throws {
        let object = try #require(try parse("{\"a\":1,\"b\":2,\"a\":3}").members)
        #expect(object["a"] == 3)
        #expect(object["c"] == nil)
        #expect(object.members.map(\.name) == ["a", "b", "a"])
    }

    @Test("Names are found without regard to case only when asked, and never by Unicode equivalence")
    func comparesNames() throws {
        let object = try #require(try parse("{\"MaxTrys\":1,\"\u{E9}\":2}").members)
        #expect(object["maxtrys"] == nil)
        #expect(object.value(ignoringCase: "maxtrys") == 1)
        #expect(object.value(ignoringCase: "maxtry") == nil)
        #expect(object["e\u{301}"] == nil)
        #expect(object["\u{E9}"] == 2)
        #expect(JSONValue.string("e\u{301}") != .string("\u{E9}"))
        // Minutes, if they were brought into canonical order.
        let marks = String(repeating: "\u{301}", count: 1 << 18) + String(repeating: "\u{316}", count: 1 << 18)
        let areEqual = JSONValue.string(marks) == "secret"
        #expect(!areEqual)
    }

    @Test(
        "Compact text survives a round trip byte for byte",
        arguments: [
            "null", "[]", "{}", "[null,true,false,\"\",0,-1.50]", "{\"b\":1,\"a\":{\"\":[[[]]]},\"b\":2}",
            "\"\\\"\\\\\\b\\t\\n\\f\\r\\u0000\\u001f\u{7F}/\u{1F600}\u{2028}\"",
        ])
    func roundTrips(text: String) throws {
        #expect(try parse(text).serializedText() == text)
    }

    @Test("Literals read as the values they look like")
    func takesLiterals() {
        let value: JSONValue = ["a": [1, true, nil, "x"], "b": ["c": -2]]
        #expect(value.serializedText() == "{\"a\":[1,true,null,\"x\"],\"b\":{\"c\":-2}}")
        #expect(value.members?["a"]?.elements?.count == 4)
        #expect(value.members?["a"]?.elements?[1].boolean == true)
        #expect(value.members?["a"]?.elements?[2].isNull == true)
        #expect(JSONValue(UInt64.max).serializedText() == "18446744073709551615")
    }

    @Test("A string of ten megabytes and an object of a hundred thousand members are read whole")
    func readsLargeTexts() throws {
        let long = [0x22] + [UInt8](repeating: UInt8(ascii: "x"), count: 10_000_000) + [0x22]
        #expect(try JSONScanner.validate(long) == .string)
        #expect(try JSONValue(parsing: long).text?.utf8.count == 10_000_000)
        let wide = "{" + (0..<100_000).map { "\"name\($0)\":\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try parse(wide).members)
        #expect(object.members.count == 100_000)
        #expect(object["name99999"] == 99_999)
    }
}
