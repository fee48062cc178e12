/// A decimal number of any size, for sums that neither wrap nor round.
public struct ExactDecimal: Equatable, Sendable {
    /// The most decimal places, from the first digit to the last or to the point, that a sum may span. Everything a
    /// double can hold fits (from 309 places before the point to some 340 after it); 1e400000000+1 does not.
    public static let placesMax = 1000

    /// 0...9 each, most significant first, neither beginning nor ending with a zero; empty for zero.
    private var digits: [UInt8]
    /// The power of ten that the last digit stands for.
    private var exponent: Int
    private var isNegative: Bool

    /// The value of a number token (RFC 8259, section 6).
    public init(_ token: Span<UInt8>) {
        isNegative = token[0] == UInt8(ascii: "-")
        digits = []
        exponent = 0
        var index = isNegative ? 1 : 0
        var isFraction = false
        while index < token.count, token[index] | 0x20 != UInt8(ascii: "e") {
            if token[index] == UInt8(ascii: ".") {
                isFraction = true
            } else {
                let digit = token[index] - UInt8(ascii: "0")
                if digit != 0 || !digits.isEmpty { digits.append(digit) }
                if isFraction { exponent -= 1 }
            }
            index += 1
        }
        if index < token.count { exponent += Self.power(token.extracting((index + 1)...)) }
        normalize()
    }

    /// The number after the `e`. It stops growing far beyond every exponent that a sum is made for.
    private static func power(_ text: Span<UInt8>) -> Int {
        var power = 0
        for index in text.indices {
            let digit = text[index] &- UInt8(ascii: "0")
            if digit < 10, power < 1 << 48 { power = power * 10 + Int(digit) }
        }
        return text[0] == UInt8(ascii: "-") ? -power : power
    }

    private mutating func normalize() {
        let leading = digits.prefix { $0 == 0 }.count
        digits.removeFirst(leading)
        let trailing = digits.reversed().prefix { $0 == 0 }.count
        digits.removeLast(trailing)
        exponent = digits.isEmpty ? 0 : exponent + trailing
        if digits.isEmpty { isNegative = false }
    }

    /// The decimal places that their sum spans, whose computing takes as long; nil if they are more than `placesMax`.
    public static func places(ofSum left: ExactDecimal, _ right: ExactDecimal) -> Int? {
        let last = min(left.exponent, right.exponent, 0)
        let first = max(left.exponent + left.digits.count, right.exponent + right.digits.count, 0)
        return first - last <= placesMax ? first - last : nil
    }

    /// The exact sum; nil if it would span more than `placesMax` places.
    public static func sum(_ left: ExactDecimal, _ right: ExactDecimal) -> ExactDecimal? {
        guard let places = places(ofSum: left, right) else { return nil }
        let last = min(left.exponent, right.exponent, 0)
        // One place is kept free for a carry.
        let width = places + 1
        let big = left.placed(width: width, last: last)
        let small = right.placed(width: width, last: last)
        var sum = left
        sum.exponent = last
        if left.isNegative == right.isNegative {
            sum.digits = add(big, small)
        } else if big.lexicographicallyPrecedes(small) {
            sum.digits = subtract(big, from: small)
            sum.isNegative = right.isNegative
        } else {
            sum.digits = subtract(small, from: big)
        }
        sum.normalize()
        return sum
    }

    /// The digits with zeros around them, so that the last one stands for the power `last`.
    private func placed(width: Int, last: Int) -> [UInt8] {
        let after = digits.isEmpty ? 0 : exponent - last
        let before = width - digits.count - after
        return Array(repeating: 0, count: before) + digits + Array(repeating: 0, count: after)
    }

    private static func add(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        var sum = left
        var carry: UInt8 = 0
        for index in sum.indices.reversed() {
            let digit = left[index] + right[index] + carry
            sum[index] = digit % 10
            carry = digit / 10
        }
        return sum
    }

    /// small must not be larger.
    private static func subtract(_ small: [UInt8], from big: [UInt8]) -> [UInt8] {
        var difference = big
        var borrow: UInt8 = 0
        for index in difference.indices.reversed() {
            let taken = small[index] + borrow
            borrow = big[index] < taken ? 1 : 0
            difference[index] = big[index] + borrow * 10 - taken
        }
        return difference
    }

    /// Appends the number without exponent and without zeros that say nothing: 3, -0.5, 1200.
    public func write(to output: inout [UInt8]) {
        if isNegative { output.append(UInt8(ascii: "-")) }
        let places = digits.count + exponent
        if places <= 0 {
            output.append(UInt8(ascii: "0"))
            if !digits.isEmpty { output.append(UInt8(ascii: ".")) }
            output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits.isEmpty ? 0 : -places))
        }
        for (index, digit) in digits.enumerated() {
            if index == places, index > 0 { output.append(UInt8(ascii: ".")) }
            output.append(digit + UInt8(ascii: "0"))
        }
        if exponent > 0 { output.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: exponent)) }
    }
}
