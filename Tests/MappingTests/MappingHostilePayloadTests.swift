import Domain
import MappingProgram
import Testing

@Suite("Mappings and hostile payloads")
struct MappingHostilePayloadTests {
    private let program = #"{"a":"x","b":"y:z","c":"l[1]","d":"x+x","e":["x","y:z+l[0]"]}"#

    @Test(
        "What is not JSON is refused at the byte where it goes wrong",
        arguments: [
            ("", 0), ("{", 1), (#"{"x":01}"#, 5), (#"{"x":"\#u{1}"}"#, 6), (#"{"x":1} {"#, 8), (#"{"q":[1,}}"#, 8),
        ])
    func refuses(payload: String, position: Int) {
        #expect { try map(payload, by: program) } throws: { ($0 as? MappingError)?.position == position }
    }

    @Test("Broken UTF-8 is refused wherever it stands, on a path or beside all of them")
    func refusesBrokenUTF8() throws {
        let program = try MappingProgram(parsing: Array(program.utf8).span)
        for name in ["x", "q"] {
            let payload = Array("{\"\(name)\":\"".utf8) + [0xC0, 0xAF] + Array("\"}".utf8)
            #expect { try program.apply(to: payload.span) } throws: { ($0 as? MappingError)?.position == 6 }
        }
    }

    @Test("Nesting is taken 64 deep, on a path or beside it, and refused beyond")
    func boundsDepth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"y":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        }
        let deepPath = Array(repeating: "y", count: 64).joined(separator: ":")
        #expect(try map(nested(64), by: #"{"o":"\#(deepPath)"}"#) == #"{"o":1}"#)
        #expect(throws: MappingError.self) { try map(nested(65), by: #"{"o":"\#(deepPath):y"}"#) }
        #expect(throws: MappingError.self) { try map(nested(65), by: #"{"o":"x"}"#) }
        #expect(throws: MappingError.self) { try map(String(repeating: "[", count: 1_000_000), by: #"{"o":"x"}"#) }
        let endless = Array(repeating: "y", count: 100_000).joined(separator: ":")
        #expect(try map(nested(64), by: #"{"o":"\#(endless)"}"#) == "{}")
    }

    @Test("Ten megabytes in one string come out as they went in")
    func copiesLargeStrings() throws {
        let long = String(repeating: "x", count: 10_000_000)
        #expect(try map(#"{"x":"\#(long)"}"#, by: #"{"a":"x"}"#) == #"{"a":"\#(long)"}"#)
        #expect(throws: MappingError.self) { try map(#"{"x":"\#(long)"#, by: #"{"a":"x"}"#) }
    }

    @Test("A number of a million digits is copied, and refused in a sum")
    func boundsSums() throws {
        let digits = String(repeating: "9", count: 1_000_000)
        #expect(try map(#"{"x":\#(digits)}"#, by: #"{"a":"x"}"#) == #"{"a":\#(digits)}"#)
        #expect(throws: MappingError.self) { try map(#"{"x":\#(digits)}"#, by: #"{"a":"x+x"}"#) }
    }

    @Test(
        "The digits of all sums are bounded: whether the numbers have them, or a large and a small one are far apart",
        arguments: [
            (#"{"a":1e499,"b":1e-499}"#, 64, 65), (#"{"a":0.\#(String(repeating: "0", count: 996))1,"b":1}"#, 32, 33),
            (#"{"a":0.10,"b":0.2}"#, 8_192, 8_193), (#"{"a":1e0\#(String(repeating: "0", count: 996)),"b":1}"#, 65, 66),
        ])
    func boundsDigits(payload: String, fits: Int, tooMany: Int) throws {
        func mapping(_ count: Int) -> String {
            #"{"o":[\#(Array(repeating: "\"a+b\"", count: count).joined(separator: ","))]}"#
        }
        #expect(throws: Never.self) { try map(payload, by: mapping(fits)) }
        for count in [tooMany, 10_900] {
            #expect { try map(payload, by: mapping(count)) } throws: {
                ($0 as? MappingError)?.sentence == "The mapping's sums have more than 65536 digits."
            }
        }
    }

    @Test("Sums of whole numbers are not counted")
    func wholeNumbersAreFree() throws {
        let number = String(repeating: "9", count: 18)
        let mapping = #"{"o":[\#(Array(repeating: "\"a+a\"", count: 7_000).joined(separator: ","))]}"#
        #expect(throws: Never.self) { try map(#"{"a":\#(number)}"#, by: mapping) }
    }

    @Test(
        "A large value that is asked for again and again is copied, or joined, up to four megabytes",
        arguments: [
            (#""x""#, 3, 5), (#""x+x""#, 1, 3), (#""n""#, 3, 5), (#""n+x""#, 1, 3),
        ])
    func boundsResults(expression: String, fits: Int, tooMany: Int) throws {
        let text = String(repeating: "x", count: 1_000_000)
        let payload = #"{"x":"\#(text)","n":1.\#(String(repeating: "0", count: 1_000_000))}"#
        func mapping(_ count: Int) -> String {
            #"{"o":[\#(Array(repeating: expression, count: count).joined(separator: ","))]}"#
        }
        #expect(throws: Never.self) { try map(payload, by: mapping(fits)) }
        for count in [tooMany, 7_000] {
            #expect { try map(payload, by: mapping(count)) } throws: {
                ($0 as? MappingError)?.sentence.hasPrefix("The mapping takes more than") == true
            }
        }
    }

    @Test("A name that repeats a hundred thousand times under a wide mapping is answered by the last one")
    func survivesRepeatedNames() throws {
        let mapping = "{" + (0..<1_000).map { "\"o\($0)\":\"x:m\($0)\"" }.joined(separator: ",") + "}"
        let payload = "{" + String(repeating: #""x":{"m0":1},"#, count: 100_000) + #""x":{"m7":2}}"#
        #expect(try map(payload, by: mapping) == #"{"o7":2}"#)
    }

    @Test("Random changes to a payload never trap")
    func survivesMutations() throws {
        let program = try MappingProgram(parsing: Array(program.utf8).span)
        let payload = Array(#"{"x":-1.5e3,"y":{"z":"\ud83d\n"},"l":[true,"é",{"x":null}],"x":12}"#.utf8)
        var generator = RepeatableNumbers(seed: 11)
        for _ in 0..<20_000 {
            var bytes = payload
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = bytes.indices.randomElement(using: &generator)!
                if Bool.random(using: &generator), bytes.count > 1 {
                    bytes.remove(at: index)
                } else {
                    bytes[index] = payload.randomElement(using: &generator)!
                }
            }
            if let mapped = try? program.apply(to: bytes.span) {
                #expect(throws: Never.self) { try MappingReference.check(isJSON: mapped) }
            }
        }
    }
}
