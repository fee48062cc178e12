/// What schemas of settings say of the members that `Signer` and `TokenSigner` read.
public enum KeySchema {
    /// `secret`, `keyEncoding` and `privateKey`, to stand among `properties`.
    /// algorithms: those that take the secret; the others take the key.
    public static func members(secretFor algorithms: String) -> String {
        """
        "secret": {
              "type": "string", "title": "Shared secret", "minLength": 1, "maxLength": 2048, "writeOnly": true,
              "description": "For \(algorithms)."
            },
            "keyEncoding": {
              "type": "string", "title": "Secret encoding", "enum": ["utf8", "base64", "base64url", "hex"],
              "default": "utf8", "description": "What the secret's text stands for."
            },
            "privateKey": {
              "type": "string", "title": "Private key", "minLength": 1, "maxLength": 16384, "writeOnly": true,
              "description": "For the other algorithms: PEM without a passphrase, or a JSON Web Key as text."
            }
        """
    }

    /// For examples: the Ed25519 key of RFC 8037, appendix A.1, as text in JSON.
    public static let samplePrivateKey = #"""
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\"}"
        """#
}
