extension AwsSigV4 {
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "additionalProperties": false,
          "required": ["accessKeyId", "secretAccessKey", "region", "service"],
          "properties": {
            "accessKeyId": {
              "type": "string", "title": "Access key id", "minLength": 1, "maxLength": 128, "pattern": "^[A-Za-z0-9]+$",
              "examples": ["AKIDEXAMPLE"]
            },
            "secretAccessKey": {
              "type": "string", "title": "Secret access key", "minLength": 1, "maxLength": 256, "writeOnly": true
            },
            "sessionToken": {
              "type": ["string", "null"], "title": "Session token", "minLength": 1, "maxLength": 4096,
              "writeOnly": true, "description": "For temporary credentials."
            },
            "region": {
              "type": "string", "title": "Region", "minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9-]+$",
              "examples": ["us-east-1"]
            },
            "service": {
              "type": "string", "title": "Service", "minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9-]+$",
              "examples": ["execute-api"]
            },
            "signedHeaders": {
              "type": "array", "title": "Signed headers", "maxItems": 16,
              "description": "Besides Host and those that start with X-Amz-; content-type if it is left out.",
              "items": {
                "type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[A-Za-z0-9_-]+$",
                "examples": ["content-type"]
              }
            },
            "doubleEncode": {
              "type": "boolean", "title": "Encode the path twice",
              "description": "True for all services but S3 if it is left out."
            },
            "normalizePath": {
              "type": "boolean", "title": "Remove dots and double slashes from the path before signing",
              "description": "True for all services but S3 if it is left out."
            },
            "contentSha256Header": {
              "type": "boolean", "title": "Send X-Amz-Content-Sha256",
              "description": "True for S3 alone if it is left out."
            }
          }
        }
        """
}
