/// What a transformer may say of its result (types.h, set_content_type).
enum MediaType {
    static let bytesMax = 255

    /// `type/subtype`, perhaps with parameters behind a semicolon (RFC 9110, section 8.3.1), which are not looked at
    /// beyond that they stay in their field.
    static func isMediaType(_ text: some Collection<UInt8>) -> Bool {
        guard text.count <= bytesMax, text.allSatisfy({ (0x20...0x7E).contains($0) }) else { return false }
        let essence = text.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        let rest = text[essence.endIndex...].drop { $0 == UInt8(ascii: " ") }
        guard rest.isEmpty || rest.first == UInt8(ascii: ";") else { return false }
        let halves = essence.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy { HeaderRules.isToken($0) }
    }
}
