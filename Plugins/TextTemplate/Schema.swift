extension Template {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["template"],
          "properties": {
            "template": {
              "type": "string", "title": "Template", "minLength": 1, "maxLength": 32768,
              "description": "Text with {{/json/pointer}}, {{#each /items}}, {{#if /paid}}, {{#else}}, {{#end}}."
            },
            "format": {
              "type": "string", "title": "Format", "enum": ["json", "xml", "form", "text"], "default": "json",
              "description": "How values are escaped, unless a place says otherwise; a result in JSON is checked."
            },
            "contentType": {
              "type": ["string", "null"], "title": "Content type", "minLength": 3, "maxLength": 255,
              "pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+( *;[ -~]*)?$",
              "examples": ["text/csv; charset=utf-8"],
              "description": "The delivery's Content-Type; without it, that of the format."
            },
            "missing": {
              "type": "string", "title": "Missing values", "enum": ["fail", "empty"], "default": "fail"
            }
          },
          "examples": [
            {"template": "{\\"event\\": {{/id}}, \\"text\\": \\"New: {{/type | jsonString}}\\"}", "missing": "empty"},
            {"template": "<order id=\\"{{/id | default \\"-\\"}}\\"/>", "format": "xml"}
          ]
        }
        """
}
