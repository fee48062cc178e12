/// The members of a JSON object in the order of the text, repeated names included.
///
/// Names are compared byte for byte in UTF-8, never by Unicode equivalence: two spellings of an accented letter
/// are two names. A look-up walks the members, so an object is for reading a few names, not for indexing many.
public struct JSONObject: Sendable, Equatable {
    public var members: [(name: String, value: JSONValue)]

    public init(_ members: [(name: String, value: JSONValue)] = []) {
        self.members = members
    }

    /// The value of the last member with this name; the last one counts when a name is repeated.
    public subscript(_ name: String) -> JSONValue? {
        members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The value of the last member whose name differs from this one at most in the case of ASCII letters.
    public func value(ignoringCase name: String) -> JSONValue? {
        members.last { member in
            member.name.utf8.count == name.utf8.count
                && zip(member.name.utf8, name.utf8).allSatisfy { lowercased($0) == lowercased($1) }
        }?.value
    }

    /// Same names and values in the same order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count
            && zip(left.members, right.members).allSatisfy {
                $0.name.utf8.elementsEqual($1.name.utf8) && $0.value == $1.value
            }
    }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
