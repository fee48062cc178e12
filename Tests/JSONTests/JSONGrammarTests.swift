import JSON
import Testing

/// A text as bytes; `\u{..}` in Swift literals gives UTF-8, `bytes:` gives anything.
private func kind(_ text: String, depthLimit: Int = 64) throws -> JSONKind {
    try JSONScanner.validate(Array(text.utf8), depthLimit: depthLimit)
}

@Suite("The JSON grammar")
struct JSONGrammarTests {
    @Test(
        "Valid texts are accepted with the kind of their root",
        arguments: [
            ("{}", JSONKind.object), ("[]", .array), ("\"\"", .string), ("0", .number), ("true", .bool),
            ("false", .bool), ("null", .null), (" \t\r\n{ } \n", .object), ("[1,2 , 3]", .array),
            ("{\"a\":{\"b\":[{}]}}", .object), ("{\"a\":1,\"a\":2}", .object), ("{\"\":0}", .object),
            ("-0", .number), ("-0.0e-0", .number), ("1E+400", .number), ("1e400", .number), ("0.10", .number),
            ("123456789012345678901234567890", .number), ("[0e1,0E1]", .array),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", .string), ("\"\\ud83d\\ude00\"", .string),
            ("\"\\ud800\"", .string), ("\"\\udc00\\ud800x\"", .string), ("\"\\u0000\"", .string),
            ("\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\"", .string), ("\"/\"", .string),
            ("\"\u{2028}\u{2029}\u{FEFF}\"", .string), ("[\"\",{},[],null,true]", .array),
        ])
    func accepts(text: String, root: JSONKind) throws {
        #expect(try kind(text) == root)
        #expect(try JSONValue(parsing: Array(text.utf8)).kind == root)
    }

    @Test(
        "Invalid texts are refused at the byte where they go wrong",
        arguments: [
            ("", 0), ("  ", 2), ("{", 1), ("[", 1), ("}", 0), ("]", 0), ("[1,]", 3), ("[,1]", 1), ("[1,,2]", 3),
            ("[1 2]", 3), ("[1", 2), ("[1}", 2), ("{]", 1), ("{\"a\"}", 4), ("{\"a\":}", 5), ("{\"a\":1,}", 7),
            ("{\"a\" 1}", 5), ("{a:1}", 1), ("{'a':1}", 1), ("{1:1}", 1), ("{\"a\":1 \"b\":2}", 7), ("{,}", 1),
            ("1 2", 2), ("{}{}", 2), ("[]]", 2), ("nul", 0), ("nulL", 0), ("True", 0), ("trues", 4), ("NaN", 0),
            ("Infinity", 0), ("-Infinity", 1), ("+1", 0), ("-", 1), ("01", 0), ("-01", 1), ("00", 0), ("1.", 2),
            (".5", 0), ("1.e1", 2), ("1e", 2), ("1e+", 3), ("1E-x", 3), ("0x10", 1), ("1_000", 1), ("2.5.1", 3),
            ("- 1", 1), ("\"", 1), ("\"a", 2), ("\"\\\"", 3), ("\"\\", 1), ("\"\\x41\"", 1), ("\"\\u12\"", 1),
            ("\"\\u12g4\"", 1), ("\"\\u 123\"", 1), ("\"\\U0041\"", 1), ("\"a\nb\"", 2), ("\"\t\"", 1),
            ("\"\u{0}\"", 1), ("\"\u{1F}\"", 1), ("'a'", 0), ("[1]//x", 3), ("/**/1", 0), ("#1", 0),
            ("\u{FEFF}{}", 0), ("\u{A0}1", 0), ("[1]\u{0}", 3), ("\u{0C}1", 0), ("[\"a\",\n4\n,1,", 11),
            ("{\"a\":\"b\"]", 8), ("[\u{2028}]", 1), ("\"\\a\"", 1), ("\"x\"\"y\"", 3), ("{\"a\":1,\"b\"", 10),
        ])
    func refuses(text: String, offset: Int) {
        #expect { try kind(text) } throws: { ($0 as? JSONError)?.offset == offset }
        #expect { try JSONValue(parsing: Array(text.utf8)) } throws: { ($0 as? JSONError)?.offset == offset }
    }

    @Test(
        "Bytes that are not UTF-8 are refused where they begin",
        arguments: [
            [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0xAF], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF0, 0x9F, 0x98, 0x41],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func refusesBrokenUTF8(_ sequence: [UInt8]) {
        let closed = [UInt8(ascii: "\""), UInt8(ascii: "k")] + sequence + [UInt8(ascii: "\"")]
        #expect { try JSONScanner.validate(closed) } throws: { ($0 as? JSONError)?.offset == 2 }
        let cutOff = Array(closed.dropLast())
        #expect { try JSONScanner.validate(cutOff) } throws: { ($0 as? JSONError)?.offset == 2 }
        #expect(throws: JSONError.self) { try JSONScanner.validate(sequence) }
    }

    @Test("The last byte sequences that are still UTF-8 are accepted")
    func acceptsUTF8AtItsEdges() throws {
        let edges: [[UInt8]] = [
            [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80],
            [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
        ]
        for edge in edges {
            #expect(try JSONScanner.validate([0x22] + edge + [0x22]) == .string)
        }
    }

    @Test("Nesting is allowed up to the limit and refused one level beyond")
    func boundsDepth() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(try JSONScanner.validate(nested(64)) == .array)
        #expect { try JSONScanner.validate(nested(65)) } throws: { ($0 as? JSONError)?.offset == 64 }
        #expect(try JSONScanner.validate(nested(3), depthLimit: 3) == .array)
        #expect(throws: JSONError.self) { try JSONScanner.validate(nested(4), depthLimit: 3) }
        #expect(throws: JSONError.self) { try JSONScanner.validate(nested(1), depthLimit: 0) }
        #expect(try JSONScanner.validate(Array("1".utf8), depthLimit: 0) == .number)
        #expect(try JSONValue(parsing: nested(512), depthLimit: .max).kind == .array)
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(513), depthLimit: .max) }
        #expect(throws: JSONError.self) {
            try JSONScanner.validate(Array(repeating: UInt8(ascii: "["), count: 5_000_000))
        }
        let objects = Array(String(repeating: "{\"a\":", count: 100_000).utf8)
        #expect(throws: JSONError.self) { try JSONScanner.validate(objects, depthLimit: .max) }
    }
}
