import Signing

extension OAuth2 {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["tokenEndpoint", "clientId"],
          "properties": {
            "tokenEndpoint": {
              "type": "string", "title": "Token endpoint", "format": "https-uri", "minLength": 1, "maxLength": 2048,
              "examples": ["https://login.example.com/oauth2/token"]
            },
            "clientId": {"type": "string", "title": "Client id", "minLength": 1, "maxLength": 512},
            "clientAuthentication": {
              "type": "string", "title": "Client authentication",
              "enum": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
              "default": "client_secret_basic"
            },
            "clientSecret": {
              "type": "string", "title": "Client secret", "minLength": 1, "maxLength": 512, "writeOnly": true,
              "description": "For client_secret_basic and client_secret_post."
            },
            "privateKey": {
              "type": "string", "title": "Private key", "minLength": 1, "maxLength": 16384, "writeOnly": true,
              "description": "For private_key_jwt: PEM without a passphrase, or a JSON Web Key as text."
            },
            "algorithm": {
              "type": "string", "title": "Signature algorithm",
              "enum": ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"], "default": "RS256"
            },
            "keyId": {
              "type": ["string", "null"], "title": "Key id", "minLength": 1, "maxLength": 256,
              "description": "The assertion's kid."
            },
            "audience": {
              "type": ["string", "null"], "title": "Assertion audience", "minLength": 1, "maxLength": 2048,
              "description": "The assertion's aud; the token endpoint if it is missing or null."
            },
            "assertionLifetimeSeconds": {
              "type": "integer", "title": "Assertion lifetime in seconds", "minimum": 10, "maximum": 3600,
              "default": 60
            },
            "scope": {
              "type": ["string", "null"], "title": "Scope", "maxLength": 512,
              "description": "Left out of the token request if it is missing or null."
            },
            "parameters": {
              "type": "object", "title": "More parameters of the token request",
              "examples": [{"resource": "https://api.example.com"}],
              "additionalProperties": {"type": "string", "maxLength": 2048}
            }
          },
          "examples": [
            {"tokenEndpoint": "https://login.example.com/token", "clientId": "c", "clientSecret": "sample-secret"},
            {
              "tokenEndpoint": "https://login.example.com/oauth2/token", "clientId": "c", "algorithm": "EdDSA",
              "clientAuthentication": "private_key_jwt", "keyId": "k1", "parameters": {"resource": "https://a.example"},
              "privateKey": \(KeySchema.samplePrivateKey)
            }
          ]
        }
        """
}
