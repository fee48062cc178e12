import PluginKit

/// Whether a shared secret or a private key signs, and how.
public enum SigningScheme: Sendable {
    case shared(Hash)
    case `private`(SignatureAlgorithm)
}

/// A key of either kind. One call at a time; not `Sendable`.
public struct Signer {
    private enum Key {
        case shared(HMACKey)
        case `private`(SigningKey)
    }

    private let key: Key

    /// The key is in the member `secret`, as `keyEncoding` says, or in `privateKey`.
    /// secretBytesMin: what a shared secret must have at the least.
    public init(in settings: Settings, _ scheme: SigningScheme, secretBytesMin: Int = 1) throws(PluginError) {
        switch scheme {
        case .private(let algorithm): key = .private(try SigningKey(in: settings, "privateKey", for: algorithm))
        case .shared(let hash):
            let secret = try KeyEncoding.key(in: settings)
            guard secret.count >= secretBytesMin else {
                throw .invalidSettings(
                    "secret must have at least \(secretBytesMin) bytes for this algorithm.",
                    at: settings.position(of: "secret"))
            }
            key = .shared(HMACKey(secret, hash))
        }
    }

    public func signature(of message: [UInt8]) throws(PluginError) -> [UInt8] {
        switch key {
        case .shared(let key): key.code(of: message)
        case .private(let key): try key.signature(of: message)
        }
    }
}
