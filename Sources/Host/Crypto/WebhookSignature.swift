/// The two signatures of a delivery, as pure functions. Whoever signs more than once keeps a `WebhookSigner`.
package enum WebhookSignature {
    static let standardPrefix = "whsec_"

    /// `sha256=` and the HMAC over the body in hexadecimal; the key is the whole secret text as UTF-8.
    package static func original(over body: [UInt8], secret: String) -> String {
        WebhookSigner(secret: secret).original(over: body)
    }

    /// Standard Webhooks: `v1,` and the HMAC over `id.timestamp.body` in Base64.
    /// timestamp: seconds since 1970.
    package static func standard(id: String, timestamp: Int64, over body: [UInt8], secret: String) -> String {
        WebhookSigner(secret: secret).standard(id: id, timestamp: timestamp, over: body)
    }

    /// Standard Webhooks' key: what follows `whsec_`, decoded. A secret of any other form is its own key.
    static func standardKey(of secret: String) -> [UInt8] {
        guard secret.hasPrefix(standardPrefix),
            let key = Base64.decode(String(secret.dropFirst(standardPrefix.count))), !key.isEmpty
        else { return Array(secret.utf8) }
        return key
    }
}

/// Signs with one secret, both ways, and keeps the keyed contexts. One thread at a time; not `Sendable`.
package final class WebhookSigner {
    private let originalCode: HMACSHA256
    private let standardCode: HMACSHA256

    package init(secret: String) {
        originalCode = HMACSHA256(key: Array(secret.utf8))
        standardCode = HMACSHA256(key: WebhookSignature.standardKey(of: secret))
    }

    /// See `WebhookSignature.original`.
    package func original(over body: [UInt8]) -> String {
        "sha256=" + Hex.encode(originalCode.code(of: body))
    }

    /// See `WebhookSignature.standard`.
    package func standard(id: String, timestamp: Int64, over body: [UInt8]) -> String {
        "v1," + Base64.encode(standardCode.code(of: Array("\(id).\(timestamp).".utf8), body))
    }
}
