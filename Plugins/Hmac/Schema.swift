extension Hmac {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["secret"],
          "properties": {
            "secret": {
              "type": "string", "title": "Secret", "minLength": 1, "maxLength": 2048, "writeOnly": true,
              "examples": ["00112233445566778899aabbccddeeff"]
            },
            "preset": {
              "type": "string", "title": "Style", "enum": ["plain", "github", "stripe", "slack", "shopify"],
              "default": "plain", "description": "What the settings below are when they are left out."
            },
            "keyEncoding": {
              "type": "string", "title": "Key encoding", "enum": ["utf8", "base64", "base64url", "hex"],
              "default": "utf8",
              "description": "What the secret's text stands for."
            },
            "algorithm": {
              "type": "string", "title": "Hash", "enum": ["sha256", "sha512", "sha1"], "default": "sha256",
              "description": "sha1 is for receivers that know no other."
            },
            "encoding": {
              "type": "string", "title": "Signature encoding", "enum": ["hex", "base64", "base64url"]
            },
            "header": {
              "type": "string", "title": "Header name", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z0-9_-]+$", "examples": ["X-Signature"]
            },
            "content": {
              "type": "string", "title": "What is signed", "minLength": 1, "maxLength": 512,
              "examples": ["{timestamp}.{body}"],
              "description": "{body}, {timestamp}, {eventId}, {method}, {url}; {{ and }} stand for braces."
            },
            "format": {
              "type": "string", "title": "Header value", "minLength": 1, "maxLength": 512,
              "pattern": "^[ -~]+$", "examples": ["t={timestamp},v1={signature}"],
              "description": "{signature}, {timestamp}, {eventId}; {{ and }} stand for braces."
            },
            "timestampHeader": {
              "type": ["string", "null"], "title": "Timestamp header", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z0-9_-]+$", "examples": ["X-Timestamp"]
            },
            "timestampUnit": {
              "type": "string", "title": "Timestamp unit", "enum": ["seconds", "milliseconds"], "default": "seconds"
            },
            "eventIdHeader": {
              "type": ["string", "null"], "title": "Event id header", "minLength": 1, "maxLength": 100,
              "pattern": "^[A-Za-z0-9_-]+$", "examples": ["X-Event-Id"]
            }
          }
        }
        """
}
