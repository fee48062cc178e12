import PluginKit

/// Equality of two JSON texts as `test` means it (RFC 6902, section 4.6): numbers by value, members in any order.
enum JSONEquality {
    static func isSame(_ one: ArraySlice<UInt8>, _ other: ArraySlice<UInt8>) -> Bool {
        guard let one = try? JSONValue(parsing: Array(one)), let other = try? JSONValue(parsing: Array(other)) else {
            return false
        }
        return isSame(one, other)
    }

    private static func isSame(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one, other) {
        case (.number(let one), .number(let other)):
            return one == other || ExactDecimal(Array(one.utf8).span) == ExactDecimal(Array(other.utf8).span)
        case (.string(let one), .string(let other)):
            // By code points, never by what Unicode holds to be equivalent.
            return one.utf8.elementsEqual(other.utf8)
        case (.array(let one), .array(let other)):
            return one.count == other.count && zip(one, other).allSatisfy(isSame)
        case (.object(let one), .object(let other)):
            let one = members(one)
            let other = members(other)
            return one.count == other.count
                && one.allSatisfy { name, value in other[name].map { isSame(value, $0) } ?? false }
        default: return one == other
        }
    }

    private static func members(_ object: JSONObject) -> [[UInt8]: JSONValue] {
        Dictionary(object.members.map { (Array($0.name.utf8), $0.value) }, uniquingKeysWith: { $1 })
    }
}
