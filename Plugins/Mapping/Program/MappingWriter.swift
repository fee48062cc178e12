import JSON

/// Puts the result together from ranges of the payload. Numbers, words and strings are copied byte for byte, escapes
/// included; only sums are new text.
struct MappingWriter {
    /// A mapping may name the same value again and again; beyond this size, or the payload's, it has gone wrong.
    static let bytesTakenMax = 4 << 20
    /// Digits of the numbers that are added up exactly, and of their sums, which span many more places if one number is
    /// large and the other small.
    static let sumDigitsMax = 64 << 10

    private let values: PayloadValues
    private var output = [UInt8(ascii: "{")]
    private var bytesLeft: Int
    private var sumDigitsLeft = Self.sumDigitsMax

    init(values: PayloadValues, payloadSize: Int) {
        self.values = values
        bytesLeft = max(Self.bytesTakenMax, payloadSize)
    }

    /// Appends one member, or nothing if its expression has no value.
    mutating func write(_ member: MappingProgram.Output, from payload: Span<UInt8>) throws(MappingError) {
        let before = output.count
        if before > 1 { output.append(UInt8(ascii: ",")) }
        output.append(contentsOf: member.token)
        output.append(UInt8(ascii: ":"))
        switch member.source {
        case .one(let expression):
            if try !write(expression, from: payload) { output.removeLast(output.count - before) }
        case .list(let expressions):
            output.append(UInt8(ascii: "["))
            for (index, expression) in expressions.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                if try !write(expression, from: payload) { output.append(contentsOf: "null".utf8) }
            }
            output.append(UInt8(ascii: "]"))
        }
    }

    consuming func finished() -> [UInt8] {
        output.append(UInt8(ascii: "}"))
        return output
    }

    /// False, and nothing appended, if there is no value.
    private mutating func write(
        _ expression: MappingProgram.Expression, from payload: Span<UInt8>
    ) throws(MappingError) -> Bool {
        switch expression {
        case .copy(let node):
            guard let value = scalar(at: node) else { return false }
            try take(value.range)
            append(value.range, of: payload)
            return true
        case .join(let left, let right):
            guard let left = scalar(at: left), let right = scalar(at: right) else { return false }
            try take(left.range)
            try take(right.range)
            return try join(left, right, from: payload)
        }
    }

    /// Counts the bytes of a value that is to be copied or added up.
    private mutating func take(_ range: Range<Int>) throws(MappingError) {
        bytesLeft -= range.count
        guard bytesLeft >= 0 else {
            throw MappingError(
                position: range.lowerBound,
                sentence: "The mapping takes more than \(Self.bytesTakenMax) bytes, and more than the payload has.")
        }
    }

    private mutating func join(
        _ left: PayloadValues.Found, _ right: PayloadValues.Found, from payload: Span<UInt8>
    ) throws(MappingError) -> Bool {
        switch (left.kind, right.kind) {
        case (.number, .number):
            try sum(left.range, right.range, from: payload)
            return true
        case (.string, .string), (.string, .number), (.number, .string):
            output.append(UInt8(ascii: "\""))
            append(content(of: left), of: payload)
            append(content(of: right), of: payload)
            output.append(UInt8(ascii: "\""))
            return true
        default: return false
        }
    }

    private mutating func sum(
        _ left: Range<Int>, _ right: Range<Int>, from payload: Span<UInt8>
    ) throws(MappingError) {
        if let left = Self.integer(payload.extracting(left)), let right = Self.integer(payload.extracting(right)) {
            output.append(contentsOf: String(left + right).utf8)
            return
        }
        try takeDigits(left.count + right.count, at: left)
        let (first, second) = (ExactDecimal(payload.extracting(left)), ExactDecimal(payload.extracting(right)))
        guard let places = ExactDecimal.places(ofSum: first, second) else {
            throw MappingError(
                position: left.lowerBound,
                sentence: "A sum spans more than \(ExactDecimal.placesMax) decimal places.")
        }
        try takeDigits(places, at: left)
        ExactDecimal.sum(first, second)?.write(to: &output)
    }

    /// Counts the digits of an exact sum before they are worked on.
    private mutating func takeDigits(_ count: Int, at number: Range<Int>) throws(MappingError) {
        sumDigitsLeft -= count
        guard sumDigitsLeft >= 0 else {
            throw MappingError(
                position: number.lowerBound,
                sentence: "The mapping's sums have more than \(Self.sumDigitsMax) digits.")
        }
    }

    /// The number if it has no fraction and no exponent, and is small enough for its sums to fit `Int`, too.
    private static func integer(_ token: Span<UInt8>) -> Int? {
        guard token.count <= 18 else { return nil }
        let isNegative = token[0] == UInt8(ascii: "-")
        var number = 0
        for index in (isNegative ? 1 : 0)..<token.count {
            let digit = token[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        return isNegative ? -number : number
    }

    /// Objects, arrays and null are no value, and neither is a path that leads nowhere.
    private func scalar(at node: Int?) -> PayloadValues.Found? {
        guard let value = node.flatMap(values.value(at:)) else { return nil }
        switch value.kind {
        case .string, .number, .bool: return value
        case .object, .array, .null: return nil
        }
    }

    /// A string without its quotes; a number as it stands.
    private func content(of value: PayloadValues.Found) -> Range<Int> {
        value.kind == .string ? value.range.lowerBound + 1..<value.range.upperBound - 1 : value.range
    }

    private mutating func append(_ range: Range<Int>, of payload: Span<UInt8>) {
        payload.extracting(range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }
}
