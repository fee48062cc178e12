import Encoding
import PluginKit

/// What the text of a shared secret stands for.
public enum KeyEncoding: String, CaseIterable, Sendable {
    /// The text itself.
    case utf8
    /// With padding (RFC 4648, section 4).
    case base64
    /// Without (section 5).
    case base64url
    case hex

    /// The bytes of the key in the member `secret`, as the member `keyEncoding` says. Throws if they disagree.
    public static func key(in settings: Settings) throws(PluginError) -> Secret {
        let text = try settings.secret("secret")
        let encoding = try settings.choice("keyEncoding", default: KeyEncoding.utf8)
        let decoded: [UInt8]? = text.withBytes { text in
            switch encoding {
            case .utf8: Array(text)
            case .base64: Base64.decode(text)
            case .base64url: Base64.urlDecode(text)
            case .hex: Hex.decode(text)
            }
        }
        guard var key = decoded, !key.isEmpty else {
            throw .invalidSettings(
                "secret is not \(encoding.rawValue), as keyEncoding says.", at: settings.position(of: "secret"))
        }
        return Secret(wiping: &key)
    }
}
