import Ports

/// What a plugin may put into a header field (authenticator.h, set_header).
enum HeaderRules {
    static let fieldsMax = 32
    static let bytesMax = 32 << 10

    /// Names that belong to the host or to HTTP itself, in lower case.
    private static let reservedNames = ["host", "content-length", "content-type", "transfer-encoding", "connection"]
        .map { Array($0.utf8) }
    private static let reservedPrefixes = ["x-hooksentry-", "webhook-"].map { Array($0.utf8) }

    /// A name that is a token (RFC 9110, section 5.6.2).
    static func isToken(_ name: some Collection<UInt8>) -> Bool {
        !name.isEmpty
            && name.allSatisfy { byte in
                switch byte {
                case 48...57, 65...90, 97...122: true
                case 33, 35, 36, 37, 38, 39, 42, 43, 45, 46, 94, 95, 96, 124, 126: true
                default: false
                }
            }
    }

    /// A value that stays in its field: CR, LF and NUL would end it.
    static func isFieldValue(_ value: some Collection<UInt8>) -> Bool {
        value.allSatisfy { $0 != 0 && $0 != 10 && $0 != 13 }
    }

    static func isReserved(_ name: some Collection<UInt8>) -> Bool {
        reservedNames.contains { isSame($0, name) }
            || reservedPrefixes.contains { $0.count <= name.count && isSame($0, name.prefix($0.count)) }
    }

    /// What is wrong with fields that a plugin set, in the words that follow its name; nil if nothing is.
    static func brokenRule(_ fields: [HeaderField], allowsReserved: Bool) -> String? {
        var collection = HeaderCollection()
        for field in fields {
            let rule = collection.add(
                name: field.name.utf8, value: field.value.utf8, allowsReserved: allowsReserved)
            if let rule { return rule }
        }
        return nil
    }

    /// Names compare without regard to case (RFC 9110, section 5.1).
    static func isSame(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { folded($0) == folded($1) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte | 0x20 : byte }
}

/// Header fields taken from a plugin one by one, within the rules.
struct HeaderCollection {
    private(set) var fields: [HeaderField] = []
    private var bytes = 0

    mutating func removeAll() {
        guard !fields.isEmpty else { return }
        fields.removeAll(keepingCapacity: true)
        bytes = 0
    }

    /// The broken rule, in the words that follow the plugin's name; nil if the field was taken. Values may be secrets
    /// and are never quoted.
    mutating func add(
        name: some Collection<UInt8>, value: some Collection<UInt8>, allowsReserved: Bool
    ) -> String? {
        guard HeaderRules.isToken(name) else { return "set a header whose name is not a token" }
        let text = String(decoding: name, as: UTF8.self)
        guard HeaderRules.isFieldValue(value) else { return "set the header \(text) to a value with CR, LF or NUL" }
        guard let valueText = String(validating: value, as: UTF8.self) else {
            return "set the header \(text) to a value that is not UTF-8"
        }
        guard allowsReserved || !HeaderRules.isReserved(name) else {
            return "set the header \(text), which is not a plugin's to set"
        }
        guard !fields.contains(where: { HeaderRules.isSame($0.name.utf8, name) }) else {
            return "set the header \(text) twice"
        }
        bytes += name.count + value.count
        guard fields.count < HeaderRules.fieldsMax, bytes <= HeaderRules.bytesMax else {
            return "set more than \(HeaderRules.fieldsMax) headers or \(HeaderRules.bytesMax >> 10) KiB of them"
        }
        fields.append(HeaderField(text, valueText))
        return nil
    }
}
