extension Redact {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["rules"],
          "properties": {
            "rules": {
              "type": "array", "title": "Rules", "minItems": 1, "maxItems": 64,
              "description": "The first rule that fits a value counts.",
              "items": {
                "type": "object", "additionalProperties": false, "required": ["path"],
                "properties": {
                  "path": {
                    "type": "string", "title": "Path", "minLength": 1, "maxLength": 1024,
                    "description": "A JSON Pointer; * is every member or element, ** any depth.",
                    "examples": ["/customer/email", "/items/*/price", "/**/password"]
                  },
                  "action": {
                    "type": "string", "title": "Action", "enum": ["remove", "mask", "hash"], "default": "remove"
                  },
                  "mask": {"type": "string", "title": "Mask", "maxLength": 64, "default": "***"},
                  "keepLast": {
                    "type": "integer", "title": "Characters kept at the end", "minimum": 0, "maximum": 32, "default": 0
                  }
                }
              }
            },
            "hashKey": {
              "type": ["string", "null"], "title": "Hash key", "minLength": 1, "maxLength": 2048, "writeOnly": true,
              "description": "Without it, values that can be guessed can be found from their hash."
            }
          },
          "examples": [
            {
              "rules": [
                {"path": "/customer/email", "action": "hash"}, {"path": "/data/items/*/sku"},
                {"path": "/card/number", "action": "mask", "keepLast": 4}
              ],
              "hashKey": "sample-hash-key"
            }
          ]
        }
        """
}
