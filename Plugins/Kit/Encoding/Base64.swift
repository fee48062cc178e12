/// Base64 in the standard alphabet with padding (RFC 4648, section 4) and in the URL alphabet without (section 5).
///
/// Decoding takes only what encoding writes: no white space, no missing padding, no stray bits in the last digit.
/// So every byte string has one text, and a token cannot be varied without becoming invalid.
public enum Base64 {
    public static func encode(_ bytes: [UInt8]) -> String { encode(bytes, standardAlphabet, padded: true) }

    public static func decode(_ text: String) -> [UInt8]? { decode(text.utf8) }

    /// The same for digits that are in no string, secrets say.
    public static func decode(_ digits: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 4) else { return nil }
        var end = digits.endIndex
        for _ in 0..<2 {
            guard end > digits.startIndex, digits[digits.index(before: end)] == UInt8(ascii: "=") else { break }
            end = digits.index(before: end)
        }
        return decode(digits[..<end], standardAlphabet)
    }

    /// No padding.
    public static func urlEncode(_ bytes: [UInt8]) -> String { encode(bytes, urlAlphabet, padded: false) }

    public static func urlDecode(_ text: String) -> [UInt8]? { urlDecode(text.utf8) }

    /// The same for digits that are in no string, secrets say.
    public static func urlDecode(_ digits: some Collection<UInt8>) -> [UInt8]? { decode(digits, urlAlphabet) }

    /// The standard alphabet without padding, as password hash strings have it.
    public static func encodeUnpadded(_ bytes: [UInt8]) -> String { encode(bytes, standardAlphabet, padded: false) }

    public static func decodeUnpadded(_ text: some StringProtocol) -> [UInt8]? {
        decode(text.utf8, standardAlphabet)
    }

    private static let standardAlphabet = Alphabet(last: "+/")
    private static let urlAlphabet = Alphabet(last: "-_")

    private static func encode(_ bytes: [UInt8], _ alphabet: Alphabet, padded: Bool) -> String {
        let groups = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: groups) { text in
            var written = 0
            for start in stride(from: 0, to: bytes.count, by: 3) {
                let count = min(3, bytes.count - start)
                var bits: UInt32 = 0
                for offset in 0..<3 { bits = bits << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0) }
                for digit in 0...count {
                    text[written] = alphabet.digits[Int(bits >> UInt32(18 - 6 * digit) & 63)]
                    written += 1
                }
            }
            while padded, written < groups {
                text[written] = UInt8(ascii: "=")
                written += 1
            }
            return written
        }
    }

    private static func decode(_ digits: some Collection<UInt8>, _ alphabet: Alphabet) -> [UInt8]? {
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var pending = 0
        for digit in digits {
            let value = alphabet.values[Int(digit)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            pending += 6
            if pending >= 8 {
                pending -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(pending)))
                bits &= (1 << UInt32(pending)) - 1
            }
        }
        return bits == 0 ? bytes : nil
    }

    private struct Alphabet: Sendable {
        let digits: [UInt8]
        /// By byte; 255: not a digit.
        let values: [UInt8]

        init(last: String) {
            digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + Array(last.utf8)
            var values = [UInt8](repeating: 255, count: 256)
            for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
            self.values = values
        }
    }
}
