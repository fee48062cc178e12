import Synchronization

/// Makes request ids that are unique within the process and hard to mix up between processes: a counter scrambled
/// from a random start. 13 characters, so that Swift keeps them inside the string value.
final class RequestIDs: Sendable {
    private let next = Atomic<UInt64>(UInt64.random(in: .min ... .max))
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    func make() -> String {
        // SplitMix64: a bijection, so distinct counts give distinct ids.
        var bits = next.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        return String(unsafeUninitializedCapacity: 13) { buffer in
            for index in 0..<13 { buffer[index] = Self.digits[Int(bits >> UInt64(index * 5) & 31)] }
            return 13
        }
    }

    /// What a client may choose itself: 1 to 64 of letters, digits, dot, underscore and dash, so that it can stand
    /// in any log line as it is.
    static func isFit(_ id: String) -> Bool {
        (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy {
                switch $0 {
                case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }
}
