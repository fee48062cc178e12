/// What a text field has to look like (api.md 1.13). Lengths count UTF-16 code units, as the contract does.
struct TextRule: Sendable {
    var field: String
    var lengthMax: Int
    var mayBeBlank = false
    /// CR, LF and NUL, which no field that may end up in a header or a log line can hold.
    var mayHoldControlCharacters = false

    static let tenantName = TextRule(field: "name", lengthMax: 255)
    static let apiKeyName = TextRule(field: "name", lengthMax: 100)
    static let senderLabel = TextRule(field: "label", lengthMax: 255, mayBeBlank: true)
    static let refreshToken = TextRule(field: "refreshToken", lengthMax: 512)

    static let idempotencyKey = TextRule(field: "idempotencyKey", lengthMax: 255, mayBeBlank: true)

    static func email(_ field: String) -> TextRule { TextRule(field: field, lengthMax: 255) }

    func check(_ text: String) throws(Refusal) {
        if !mayBeBlank, text.allSatisfy(\.isWhitespace) { throw .invalid("\(field) must not be blank") }
        if text.utf16.count > lengthMax {
            throw .invalid("\(field) must not be longer than \(lengthMax) characters")
        }
        if !mayHoldControlCharacters, text.utf8.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) {
            throw .invalid("\(field) must not contain control characters")
        }
    }
}

/// An address as it is stored and looked up: trimmed and in lower case.
///
/// field: the request's word for it, for the sentence. registering: a new address must contain `@`; at login it is
/// only compared.
func normalizedEmail(_ text: String, field: String, registering: Bool) throws(Refusal) -> String {
    try TextRule.email(field).check(text)
    let email = trimmed(text).lowercased()
    if registering, !email.contains("@") { throw .invalid("\(field) must contain an @") }
    // Lower case can be longer than what was typed, and the column holds what is stored.
    try TextRule.email(field).check(email)
    return email
}

func atLeastOne(_ number: Int?, _ field: String) throws(Refusal) {
    if let number, number < 1 { throw .invalid("\(field) must be at least 1") }
}
