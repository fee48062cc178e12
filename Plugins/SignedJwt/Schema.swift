import Signing

extension SignedJwt {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["algorithm"],
          "properties": {
            "algorithm": {
              "type": "string", "title": "Signature algorithm",
              "enum": ["HS256", "HS512", "RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
            },
            \(KeySchema.members(secretFor: "HS256 (32 bytes at least) and HS512 (64 bytes at least)")),
            "keyId": {"type": ["string", "null"], "title": "Key id", "minLength": 1, "maxLength": 256},
            "type": {
              "type": "string", "title": "Token type", "minLength": 1, "maxLength": 128, "default": "JWT",
              "description": "The token's typ."
            },
            "issuer": {"type": ["string", "null"], "title": "Issuer", "minLength": 1, "maxLength": 512},
            "subject": {"type": ["string", "null"], "title": "Subject", "minLength": 1, "maxLength": 512},
            "audience": {
              "type": ["string", "array", "null"], "title": "Audience", "minLength": 1, "maxLength": 512,
              "minItems": 1, "maxItems": 16, "items": {"type": "string", "minLength": 1, "maxLength": 512}
            },
            "lifetimeSeconds": {
              "type": "integer", "title": "Lifetime in seconds", "minimum": 1, "maximum": 86400, "default": 300
            },
            "claims": {
              "type": "object", "title": "Claims",
              "description": "Texts may hold {eventId}, {tenantId}, {destinationId}, {attempt}, {bodySha256}.",
              "examples": [{"event": "{eventId}", "body": "{bodySha256}", "role": "sender"}]
            },
            "bodyClaims": {
              "type": "object", "title": "Claims from the body", "description": "Claim to JSON Pointer.",
              "examples": [{"order": "/order/id"}],
              "additionalProperties": {"type": "string", "maxLength": 1024}
            },
            "header": {
              "type": "string", "title": "Header name", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z0-9_-]+$", "default": "Authorization"
            },
            "prefix": {
              "type": "string", "title": "Text before the token", "maxLength": 64, "pattern": "^[ -~]*$",
              "default": "Bearer "
            }
          },
          "examples": [
            {"algorithm": "HS256", "secret": "0123456789abcdef0123456789abcdef"},
            {
              "algorithm": "EdDSA", "keyId": "k1", "issuer": "https://hooks.example.com", "audience": ["a", "b"],
              "privateKey": \(KeySchema.samplePrivateKey),
              "claims": {"event": "{eventId}", "body": "{bodySha256}", "role": "sender"}
            }
          ]
        }
        """
}
