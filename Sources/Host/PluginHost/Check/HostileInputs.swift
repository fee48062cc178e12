import Domain

/// What a plugin is tried with: ordinary, empty, huge, invalid and random bytes.
enum HostileInputs {
    struct Input: Sendable {
        /// As in "with an empty payload".
        var name: String
        var bytes: [UInt8]
    }

    static let hugeBytes = 1 << 20
    private static let randomCount = 24
    private static let seed: UInt64 = 0x5EED

    /// The same in every run, whatever its seed, so that a failure of `fuzz` is repeated behind checks that pass again.
    static let all = fixed + [Input(name: "1 MiB of random bytes", bytes: random(hugeBytes, seed: seed))]
        + (1...randomCount).map { Input(name: "random input \($0)", bytes: damaged(seed: seed + UInt64($0))) }

    private static let fixed: [Input] = [
        Input(name: "an ordinary JSON object", bytes: Array(ordinary.utf8)),
        Input(name: "nothing at all", bytes: []),
        Input(name: "an empty object", bytes: Array("{}".utf8)),
        Input(name: "an array", bytes: Array("[1,2]".utf8)),
        Input(name: "null", bytes: Array("null".utf8)),
        Input(name: "a number beyond every machine type", bytes: Array(#"{"n":1e400,"m":12345678901234567890}"#.utf8)),
        Input(name: "one member twice", bytes: Array(#"{"id":1,"id":2}"#.utf8)),
        Input(name: "JSON that stops in the middle", bytes: Array(#"{"id":[1,{"#.utf8)),
        Input(name: "bytes that are not UTF-8", bytes: Array(#"{"id":""#.utf8) + [0xFF, 0xC0, 0x80, 0x22, 0x7D]),
        Input(name: "zero bytes", bytes: [UInt8](repeating: 0, count: 300)),
        Input(name: "10,000 levels of nesting", bytes: [UInt8](repeating: UInt8(ascii: "["), count: 10_000)),
        Input(name: "a text of 1 MiB", bytes: hugeText),
        Input(name: "an array of 1 MiB", bytes: hugeArray),
    ]

    static let ordinary =
        #"{"id":"evt_1","type":"order.paid","data":{"amount":1.10,"items":[{"sku":"a"},{"sku":"b"}]}}"#

    private static var hugeText: [UInt8] {
        Array(#"{"id":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: hugeBytes) + Array(#""}"#.utf8)
    }

    private static var hugeArray: [UInt8] {
        let kilobyte = Array(String(repeating: ",1", count: 512).utf8)
        return Array(#"{"items":[0"#.utf8) + repeatElement(kilobyte, count: hugeBytes >> 10).joined() + Array("]}".utf8)
    }

    private static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var numbers = RepeatableNumbers(seed: seed)
        let words = (0..<count / 8).map { _ in numbers.next() }
        return words.withUnsafeBytes { Array($0) }
    }

    /// The ordinary object with a few bytes changed, or cut short.
    static func damaged(seed: UInt64) -> [UInt8] {
        var numbers = RepeatableNumbers(seed: seed)
        var bytes = Array(ordinary.utf8)
        for _ in 0..<numbers.next() % 8 {
            bytes[Int(numbers.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: numbers.next())
        }
        if numbers.next() % 3 == 0 { bytes.removeLast(Int(numbers.next() % UInt64(bytes.count))) }
        return bytes
    }
}
