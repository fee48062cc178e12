extension JsonPatch {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["patch"],
          "properties": {
            "patch": {
              "type": "array", "title": "Patch", "minItems": 1, "maxItems": 100,
              "items": {
                "type": "object", "required": ["op", "path"],
                "properties": {
                  "op": {"type": "string", "enum": ["add", "remove", "replace", "move", "copy", "test"]},
                  "path": {"type": "string", "maxLength": 1024},
                  "from": {"type": "string", "maxLength": 1024}
                }
              }
            }
          },
          "examples": [
            {
              "patch": [
                {"op": "add", "path": "/source", "value": "hooksentry"}, {"op": "remove", "path": "/type"},
                {"op": "move", "from": "/data/amount", "path": "/amount"}
              ]
            }
          ]
        }
        """
}
