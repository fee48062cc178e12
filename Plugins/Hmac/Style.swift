import Encoding
import Signing

/// What of a request may be signed.
enum SignedPart: String, CaseIterable {
    case body, timestamp, method, url
    case eventID = "eventId"
}

/// What the header may show.
enum HeaderPart: String, CaseIterable {
    case signature, timestamp
    case eventID = "eventId"
}

/// How a code is written.
enum CodeEncoding: String, CaseIterable {
    case hex, base64, base64url

    func encode(_ code: [UInt8]) -> String {
        switch self {
        case .hex: Hex.encode(code)
        case .base64: Base64.encode(code)
        case .base64url: Base64.urlEncode(code)
        }
    }
}

/// The hashes a shared key is used with.
enum SharedKeyHash: String, CaseIterable {
    case sha256, sha512
    // For receivers that know no other.
    case sha1

    var hash: Hash {
        switch self {
        case .sha256: .sha256
        case .sha512: .sha512
        case .sha1: .sha1
        }
    }
}

enum TimestampUnit: String, CaseIterable {
    case seconds, milliseconds

    var milliseconds: Int64 {
        switch self {
        case .seconds: 1_000
        case .milliseconds: 1
        }
    }
}

/// A sender's style: what the other settings are when they are left out.
struct Style {
    var header: String
    var encoding = CodeEncoding.hex
    var content = "{body}"
    var format = "{signature}"
    var timestampHeader: String?
}

enum Preset: String, CaseIterable {
    case plain, github, stripe, slack, shopify

    var style: Style {
        switch self {
        case .plain: Style(header: "X-Signature")
        case .github: Style(header: "X-Hub-Signature-256", format: "sha256={signature}")
        case .stripe:
            Style(header: "Stripe-Signature", content: "{timestamp}.{body}", format: "t={timestamp},v1={signature}")
        case .slack:
            Style(
                header: "X-Slack-Signature", content: "v0:{timestamp}:{body}", format: "v0={signature}",
                timestampHeader: "X-Slack-Request-Timestamp")
        case .shopify: Style(header: "X-Shopify-Hmac-Sha256", encoding: .base64)
        }
    }
}
