/// Why a sealed value or a key was refused. The sentences never contain key material or plaintext.
package enum CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Not 32 bytes, or so regular that nobody can have drawn it at random.
    case weakMasterKey(String)
    /// Too short to have come from `Vault.seal`.
    case notSealed
    /// Sealed under a master key that is not among those configured.
    case unknownKey
    /// Altered, or sealed for another identity.
    case altered

    package var description: String {
        switch self {
        case .weakMasterKey(let reason): "The master key is unusable: \(reason)."
        case .notSealed: "The stored value is too short to be a sealed one."
        case .unknownKey: "The value was sealed under a master key that is not configured."
        case .altered: "The sealed value was altered or belongs to something else."
        }
    }
}
