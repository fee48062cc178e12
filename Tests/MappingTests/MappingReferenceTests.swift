import Domain
import JSON
import MappingProgram
import Testing

/// The language once more, in the plainest way: over a tree, path by path. It knows sums of small integers only.
enum MappingReference {
    static func map(_ payload: JSONValue, by mapping: JSONObject) -> JSONValue {
        var outputs: [(name: String, value: JSONValue)] = []
        for (index, member) in mapping.members.enumerated() {
            if mapping.members[(index + 1)...].contains(where: { $0.name == member.name }) { continue }
            switch member.value {
            case .string(let expression):
                if let value = value(of: expression, in: payload) { outputs.append((member.name, value)) }
            case .array(let elements):
                outputs.append(
                    (member.name, .array(elements.compactMap(\.text).map { value(of: $0, in: payload) ?? nil })))
            default: continue
            }
        }
        return .object(JSONObject(outputs))
    }

    private static func value(of expression: String, in payload: JSONValue) -> JSONValue? {
        let parts = expression.dropFirst().split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return scalar(at: expression, in: payload) }
        let left = scalar(at: String(expression.prefix(1) + parts[0]), in: payload)
        let right = scalar(at: String(parts[1]), in: payload)
        switch (left, right) {
        case (.number(let left), .number(let right)): return .number(String(Int(left)! + Int(right)!))
        case (.string(let left), .string(let right)), (.string(let left), .number(let right)),
            (.number(let left), .string(let right)):
            return .string(left + right)
        default: return nil
        }
    }

    private static func scalar(at path: String, in payload: JSONValue) -> JSONValue? {
        var value: JSONValue? = payload
        for segment in path.split(separator: ":", omittingEmptySubsequences: false) {
            let parts = segment.split(separator: "[", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 1 || !parts[0].isEmpty { value = value?.members?[String(parts[0])] }
            if parts.count == 2 {
                guard let end = parts[1].firstIndex(of: "]"), let index = Int(parts[1][..<end]), index >= 0,
                    let elements = value?.elements, index < elements.count
                else { return nil }
                value = elements[index]
            }
        }
        switch value {
        case .number, .string, .bool: return value
        default: return nil
        }
    }

    static func check(isJSON bytes: [UInt8]) throws {
        _ = try JSONScanner.validate(bytes)
    }
}

@Suite("Mappings against a plain reading of the language")
struct MappingReferenceTests {
    @Test("Random mappings over random payloads give what the plain reading gives")
    func agrees() throws {
        var generator = RepeatableNumbers(seed: 5)
        var hits = 0
        for _ in 0..<5_000 {
            let payload = makePayload(depth: 3, using: &generator)
            let mapping = makeMapping(using: &generator)
            let program = try MappingProgram(parsing: JSONValue.object(mapping).serialized().span)
            let mapped = try program.apply(to: payload.serialized().span)
            let expected = MappingReference.map(payload, by: mapping)
            #expect(try JSONValue(parsing: mapped) == expected, "\(payload) by \(mapping)")
            if expected != [:] { hits += 1 }
        }
        // A generator whose paths never match anything would prove nothing.
        #expect(hits > 1_000)
    }

    private func makeName(using generator: inout RepeatableNumbers) -> String {
        ["a", "b", "c", "é", ""].randomElement(using: &generator)!
    }

    private func makePayload(depth: Int, using generator: inout RepeatableNumbers) -> JSONValue {
        switch depth == 3 ? 5 : Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .number(String(Int.random(in: -99...99, using: &generator)))
        case 3: return .string(["x", "é\n", "\u{1F600}", "+"].randomElement(using: &generator)!)
        case 4:
            return .array((0..<2).map { _ in makePayload(depth: depth - 1, using: &generator) })
        default:
            let count = Int.random(in: 0..<6, using: &generator)
            return .object(
                JSONObject(
                    (0..<count).map { _ in
                        (name: makeName(using: &generator), value: makePayload(depth: depth - 1, using: &generator))
                    }))
        }
    }

    private func makePath(using generator: inout RepeatableNumbers) -> String {
        (0..<Int.random(in: 1...3, using: &generator)).map { _ in
            let index = ["[0]", "[1]", "[1]x", "[7]", "[", "[x]"].randomElement(using: &generator)!
            return makeName(using: &generator) + (Int.random(in: 0..<4, using: &generator) == 0 ? index : "")
        }.joined(separator: ":")
    }

    private func makeExpression(using generator: inout RepeatableNumbers) -> JSONValue {
        let path = makePath(using: &generator)
        guard Bool.random(using: &generator) else { return .string(path) }
        return .string(path + "+" + makePath(using: &generator))
    }

    private func makeMapping(using generator: inout RepeatableNumbers) -> JSONObject {
        JSONObject(
            (0..<Int.random(in: 0..<6, using: &generator)).map { index in
                let name = "o\(Int.random(in: 0...index, using: &generator))"
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: return (name, .number("1"))
                case 1:
                    return (name, .array([makeExpression(using: &generator), nil, makeExpression(using: &generator)]))
                default: return (name, makeExpression(using: &generator))
                }
            })
    }
}
