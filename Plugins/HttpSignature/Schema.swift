import Signing

extension HttpSignature {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["algorithm"],
          "properties": {
            "algorithm": {
              "type": "string", "title": "Algorithm",
              "enum": ["hmac-sha256", "rsa-pss-sha512", "rsa-v1_5-sha256", "ecdsa-p256-sha256", "ed25519"]
            },
            \(KeySchema.members(secretFor: "hmac-sha256")),
            "keyId": {
              "type": ["string", "null"], "title": "Key id", "minLength": 1, "maxLength": 256, "pattern": "^[ -~]+$"
            },
            "components": {
              "type": "array", "title": "Covered components", "minItems": 1, "maxItems": 32,
              "description": "@method, @target-uri, content-type and content-digest if it is left out.",
              "items": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[ -~]+$"}
            },
            "contentDigest": {
              "type": "string", "title": "Content digest", "enum": ["sha-256", "sha-512"], "default": "sha-256"
            },
            "expiresSeconds": {
              "type": "integer", "title": "Seconds until it expires", "minimum": 1, "maximum": 86400,
              "description": "The signature does not say when it expires if this is left out."
            },
            "nonce": {"type": "boolean", "title": "Send a nonce", "default": false},
            "algorithmParameter": {"type": "boolean", "title": "Name the algorithm", "default": false},
            "tag": {
              "type": ["string", "null"], "title": "Tag", "minLength": 1, "maxLength": 256, "pattern": "^[ -~]+$"
            },
            "label": {
              "type": "string", "title": "Label", "minLength": 1, "maxLength": 64, "pattern": "^[a-z*][a-z0-9_.*-]*$",
              "default": "sig1"
            }
          },
          "examples": [
            {"algorithm": "hmac-sha256", "secret": "sample-secret"},
            {
              "algorithm": "ed25519", "keyId": "k1", "nonce": true, "expiresSeconds": 60,
              "components": ["@method", "@authority", "@path", "content-digest", "content-length"],
              "privateKey": \(KeySchema.samplePrivateKey)
            }
          ]
        }
        """
}
