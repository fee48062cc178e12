/// Secrets that are drawn at random and shown once.
package enum Tokens {
    /// The prefix and 64 lower-case hexadecimal digits (32 random bytes).
    package static func make(prefix: String) -> String { prefix + Hex.encode(SecureRandom.bytes(32)) }

    /// `whsec_` and 32 random bytes in Base64: a text that both signature rules can take a key from.
    package static func webhookSecret() -> String {
        WebhookSignature.standardPrefix + Base64.encode(SecureRandom.bytes(32))
    }
}
