import MappingProgram
import Testing

@Suite("The rules of the mapping language")
struct MappingRulesTests {
    @Test(
        "Sums are exact, neither wrap nor round, and say no more than they need to",
        arguments: [
            ("1", "2", "3"), ("-1", "1", "0"), ("0", "-0", "0"), ("-0.0", "-0", "0"), ("1.10", "2.20", "3.3"),
            ("1.5", "1.5", "3"), ("-0.5", "0.25", "-0.25"), ("0.25", "-0.5", "-0.25"), ("1e3", "1", "1001"),
            ("1e20", "1", "100000000000000000001"), ("-9223372036854775808", "-1", "-9223372036854775809"),
            ("999999999999999999", "1", "1000000000000000000"), ("99.99", "0.01", "100"), ("5", "-10", "-5"),
            ("12345678901234567890.123456789", "0.000000000000000001", "12345678901234567890.123456789000000001"),
            ("1E-3", "1e-3", "0.002"), ("1200e-2", "0.0", "12"), ("0e99999999999999999999", "7", "7"),
            ("0.1e1", "-1", "0"), ("100", "-99.5", "0.5"), ("-3", "-4.5", "-7.5"), ("10e-1", "1e1", "11"),
        ])
    func sums(left: String, right: String, sum: String) throws {
        #expect(try map(#"{"a":\#(left),"b":\#(right)}"#, by: #"{"s":"a+b"}"#) == #"{"s":\#(sum)}"#)
        #expect(try map(#"{"a":\#(left),"b":\#(right)}"#, by: #"{"s":"b+a"}"#) == #"{"s":\#(sum)}"#)
    }

    @Test("A sum over the whole range of a double is still exact")
    func sumsAcrossDoubles() throws {
        let sum = try map(#"{"a":1e308,"b":4.9e-324}"#, by: #"{"s":"a+b"}"#)
        let zeros = String(repeating: "0", count: 308)
        #expect(sum == #"{"s":1\#(zeros).\#(String(repeating: "0", count: 323))49}"#)
    }

    @Test(
        "A sum that would need more than a thousand places is refused, with the place of its first number",
        arguments: ["1e1000", "1e-1001", "1e400000000", "1e-99999999999999999999", "-1E+99999999999999999999"])
    func refusesEndlessSums(number: String) {
        #expect {
            try map(#"{"a":\#(number),"b":1}"#, by: #"{"s":"a+b"}"#)
        } throws: { ($0 as? MappingError)?.position == 5 }
        #expect(throws: Never.self) { try map(#"{"a":\#(number),"b":"x"}"#, by: #"{"s":"a+b","t":"a"}"#) }
    }

    @Test(
        "Strings are joined as they stand, escapes included",
        arguments: [
            (#""\u00e9""#, #""\n\"""#, #""\u00e9\n\"""#), (#""a""#, "-0.50", #""a-0.50""#),
            ("1e+2", #""""#, #""1e+2""#),
            (#""""#, #""""#, #""""#), (#""ü""#, #""\/""#, #""ü\/""#), (#""\ud83d""#, #""\ude00""#, #""\ud83d\ude00""#),
        ])
    func joins(left: String, right: String, joined: String) throws {
        #expect(try map(#"{"a":\#(left),"b":\#(right)}"#, by: #"{"s":"a+b"}"#) == #"{"s":\#(joined)}"#)
    }

    @Test("Booleans, null, objects, arrays and missing values cannot be joined")
    func joinsNothingElse() throws {
        for other in ["true", "false", "null", "{}", "[]", "[1]"] {
            #expect(try map(#"{"a":\#(other),"b":"x"}"#, by: #"{"s":"a+b","t":"b+a","u":["a+b"]}"#) == #"{"u":[null]}"#)
        }
    }

    @Test(
        "Paths are read by the letter",
        arguments: [
            // White space goes around a path, not inside; it may be any that Unicode knows.
            ("  a  ", #"{"a":1}"#, "1"), ("\u{A0}a\u{2003}", #"{"a":1}"#, "1"), ("a b", #"{"a b":1}"#, "1"),
            ("a :b", #"{"a ":{"b":1}}"#, "1"), ("a: b", #"{"a":{" b":1}}"#, "1"), ("   ", #"{"":1}"#, "1"),
            // Empty segments are empty names.
            ("a:", #"{"a":{"":1}}"#, "1"), (":a", #"{"":{"a":1}}"#, "1"), ("a::b", #"{"a":{"":{"b":1}}}"#, "1"),
            // Indexes.
            ("[0]", "[1]", "1"), ("[0]:[1]", "[[0,1]]", "1"), ("a[007]", #"{"a":[0,0,0,0,0,0,0,1]}"#, "1"),
            ("a[-0]", #"{"a":[1]}"#, "1"), ("a[0]b:c", #"{"a":[{"c":1}]}"#, "1"), ("a]b[0]", #"{"a]b":[1]}"#, "1"),
            ("a [0]", #"{"a ":[1]}"#, "1"), ("[1]:x:[0]", #"[0,{"x":[1]}]"#, "1"),
            // Names are compared by their meaning, not by their spelling, and not by Unicode equivalence.
            ("\u{E9}", #"{"\u00e9":1}"#, "1"), ("a/b", #"{"a\/b":1}"#, "1"), ("\u{E9}", "{\"e\u{301}\":1}", nil),
            ("\u{1F600}", #"{"\ud83d\ude00":1}"#, "1"),
            // What can match nothing.
            ("a[]", #"{"a":[1]}"#, nil), ("a[0x0]", #"{"a":[1]}"#, nil), ("a[1.0]", #"{"a":[0,1]}"#, nil),
            ("a[2147483648]", #"{"a":[1]}"#, nil), ("a[99999999999999999999]", #"{"a":[1]}"#, nil),
            ("a[0", #"{"a[0":1}"#, nil), ("a[0]", #"{"a":{"0":1}}"#, nil), ("a:0", #"{"a":[1]}"#, nil),
            ("a[0]", #"{"a":"x"}"#, nil), ("a:b", #"{"a":"b"}"#, nil), ("a:b", #"{"a:b":1}"#, nil),
            ("A", #"{"a":1}"#, nil),
        ] as [(String, String, String?)])
    func resolves(path: String, payload: String, value: String?) throws {
        let expected = value.map { #"{"o":\#($0)}"# } ?? "{}"
        #expect(try map(payload, by: "{\"o\":\"\(path)\"}") == expected)
    }

    @Test("The first plus that is not the first character splits, wherever it stands")
    func splitsAtPlus() throws {
        #expect(try map(#"{"+a":1,"b":2}"#, by: #"{"o":"+a+b"}"#) == #"{"o":3}"#)
        #expect(try map(#"{"":1,"b":2}"#, by: #"{"o":" +b"}"#) == #"{"o":3}"#)
        #expect(try map(#"{"a":1,"":2}"#, by: #"{"o":"a+"}"#) == #"{"o":3}"#)
        #expect(try map(#"{"+":1}"#, by: #"{"o":"+"}"#) == #"{"o":1}"#)
    }

    @Test("Of members with the same name the last one counts, with all that is below it")
    func takesLastMember() throws {
        let mapping = #"{"p":"x:y","q":"x[0]:y","r":"x"}"#
        #expect(try map(#"{"x":{"y":1},"x":{"z":2}}"#, by: mapping) == "{}")
        #expect(try map(#"{"x":{"y":1},"x":5}"#, by: mapping) == #"{"r":5}"#)
        #expect(try map(#"{"x":[{"y":1}],"x":[{}]}"#, by: mapping) == "{}")
        #expect(try map(#"{"x":[{"y":1}],"x":[{"y":2,"y":3}]}"#, by: mapping) == #"{"q":3}"#)
        #expect(try map(#"{"x":5,"x":{"y":null,"y":6}}"#, by: mapping) == #"{"p":6}"#)
        #expect(try map(#"{"x":{"y":1},"\u0078":{"\u0079":2}}"#, by: mapping) == #"{"p":2}"#)
    }

    @Test("Of outputs with the same name the last one counts, even if it has no value")
    func takesLastOutput() throws {
        #expect(try map(#"{"x":1}"#, by: #"{"a":"x","b":"x","a":"nope"}"#) == #"{"b":1}"#)
        #expect(try map(#"{"x":1}"#, by: #"{"a":"x","\u0061":["x"]}"#) == #"{"\u0061":[1]}"#)
        #expect(try map(#"{"x":1}"#, by: #"{"a":"x","a":7}"#) == "{}")
    }

    @Test("Output names are written as the mapping has them")
    func keepsOutputNames() throws {
        #expect(try map(#"{"x":1}"#, by: #"{"Zo\u00eb \"q\":+[0]":"x","":"x"}"#) == #"{"Zo\u00eb \"q\":+[0]":1,"":1}"#)
    }

    @Test("A mapping that is no JSON object is refused with the place of the mistake")
    func refusesBrokenMappings() {
        for (text, position) in [("", 0), ("[]", 0), ("\"a\"", 0), (#"{"a":"b""#, 8), (#"{"a":"b",}"#, 9), ("{}x", 2)] {
            #expect { try map("{}", by: text) } throws: { ($0 as? MappingError)?.position == position }
        }
    }
}
