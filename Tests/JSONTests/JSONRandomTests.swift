import Domain
import JSON
import Testing

@Suite("JSON from random input")
struct JSONRandomTests {
    private static let seed = """
        {"id":"evt_1","n":[0,-1.5e+10,12345678901234567890],"t":true,"f":false,"z":null,"o":{"k":"\\ud83d\\ude00é\\n"}}
        """

    @Test("Random bytes are refused or read, never trapped on, and both readers agree")
    func survivesRandomBytes() {
        var generator = RepeatableNumbers(seed: 1)
        let alphabet =
            Array("{}[]:,\"\\u0123456789abcdefntr-+.eE \n".utf8) + [0x00, 0x7F, 0x80, 0xC3, 0xED, 0xF4, 0xFF]
        for _ in 0..<20_000 {
            let length = Int.random(in: 0..<40, using: &generator)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator)! }
            expectAgreement(on: bytes)
        }
    }

    @Test("A valid text with a few bytes changed, cut out or cut off is refused or read")
    func survivesMutations() {
        var generator = RepeatableNumbers(seed: 2)
        for _ in 0..<10_000 {
            var bytes = Array(Self.seed.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                guard let index = bytes.indices.randomElement(using: &generator) else { break }
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
                case 1: bytes.remove(at: index)
                default: bytes.removeSubrange((index + 1)...)
                }
            }
            expectAgreement(on: bytes)
        }
    }

    @Test("Random trees come back equal from their own text")
    func roundTripsTrees() throws {
        var generator = RepeatableNumbers(seed: 3)
        for _ in 0..<2_000 {
            let value = makeValue(depth: 4, using: &generator)
            #expect(try JSONValue(parsing: value.serialized()) == value)
        }
    }

    private func expectAgreement(on bytes: [UInt8]) {
        let scanned = Result { () throws(JSONError) in try JSONScanner.validate(bytes) }
        let parsed = Result { () throws(JSONError) in try JSONValue(parsing: bytes) }
        switch (scanned, parsed) {
        case (.success(let kind), .success(let value)):
            #expect(value.kind == kind)
            // Writing what was read gives a text that reads the same.
            #expect((try? JSONValue(parsing: value.serialized())) == value)
        case (.failure(let one), .failure(let other)):
            #expect(one == other)
            #expect((0...bytes.count).contains(one.offset))
        default:
            Issue.record("One reader accepts what the other refuses: \(bytes)")
        }
    }

    private func makeValue(depth: Int, using generator: inout RepeatableNumbers) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number("\(Int.random(in: -1000...1000, using: &generator)).\(generator.next() % 100)")
        case 3, 4:
            let scalars = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &generator)) ?? "?"
            }
            return .string(String(String.UnicodeScalarView(scalars)))
        case 5:
            return .array((0..<3).map { _ in makeValue(depth: depth - 1, using: &generator) })
        default:
            return .object(
                JSONObject((0..<3).map { (name: "m\($0)", value: makeValue(depth: depth - 1, using: &generator)) }))
        }
    }
}
