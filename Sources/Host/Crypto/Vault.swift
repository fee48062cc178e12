import COpenSSL

/// Encrypts secrets at rest: AES-256-GCM (NIST SP 800-38D) under a key derived from the master key. The identity of
/// the row a value belongs to is authenticated with it, so a ciphertext copied to another row does not open there.
///
///     sealed = key id (1 byte) ‖ random nonce (12) ‖ ciphertext (as long as the plaintext) ‖ tag (16)
///
/// The key id is derived from the key, so rotation needs no numbering: configure the new key as the current one and
/// the old ones beside it until everything is sealed anew. Random nonces bound one key to 2³² seals.
package struct Vault: Sendable {
    private struct Key: Sendable {
        let id: UInt8
        let bytes: [UInt8]
    }

    private static let nonceSize = 12
    private static let tagSize = 16
    /// Bytes by which a sealed value is longer than its plaintext.
    package static let overhead = 1 + nonceSize + tagSize

    // The first seals; all open.
    private let keys: [Key]

    /// masterKey: 32 random bytes; older: the ones before, for what was sealed under them.
    package init(masterKey: [UInt8], older: [[UInt8]] = []) throws(CryptoError) {
        var keys: [Key] = []
        for master in [masterKey] + older {
            guard master.count == 32 else {
                throw .weakMasterKey("it has \(master.count) bytes instead of 32")
            }
            guard !master.allSatisfy({ $0 == master[0] }) else { throw .weakMasterKey("all its bytes are the same") }
            keys.append(
                Key(
                    id: HKDF.derive(from: master, purpose: "hooksentry vault key id", count: 1)[0],
                    bytes: HKDF.derive(from: master, purpose: "hooksentry vault key")))
        }
        self.keys = keys
    }

    /// identity: see `SealIdentity`.
    package func seal(_ plaintext: [UInt8], for identity: String) -> [UInt8] {
        let nonce = SecureRandom.bytes(Self.nonceSize)
        guard let box = GCM.encrypt(plaintext, key: keys[0].bytes, nonce: nonce, associated: Array(identity.utf8))
        else {
            preconditionFailure("sealing failed: \(lastOpenSSLError())")
        }
        return [keys[0].id] + nonce + box
    }

    package func open(_ sealed: [UInt8], for identity: String) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= Self.overhead else { throw .notSealed }
        // One byte is a hint and no name: two keys may share it, so each that has it is tried.
        let candidates = keys.filter { $0.id == sealed[0] }
        guard !candidates.isEmpty else { throw .unknownKey }
        let nonce = Array(sealed[1..<1 + Self.nonceSize])
        let box = Array(sealed[(1 + Self.nonceSize)...])
        for key in candidates {
            if let plaintext = GCM.decrypt(box, key: key.bytes, nonce: nonce, associated: Array(identity.utf8)) {
                return plaintext
            }
        }
        throw .altered
    }
}
