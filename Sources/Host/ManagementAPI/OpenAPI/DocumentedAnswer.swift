import JSON

/// A status that an operation can answer with.
struct DocumentedAnswer: Sendable {
    let status: Int
    let description: String
    /// A name below `#/components/schemas`; nil: the body is empty, or not JSON.
    var schema: String?
    var mediaType = "application/json"
    /// Nil: the schema's own.
    var example: JSONValue?
    var headers: [String] = []

    static func ok(_ schema: String, _ description: String) -> DocumentedAnswer {
        DocumentedAnswer(status: 200, description: description, schema: schema)
    }

    static func created(_ schema: String, _ description: String) -> DocumentedAnswer {
        DocumentedAnswer(status: 201, description: description, schema: schema, headers: ["Location"])
    }

    static func noContent(_ description: String) -> DocumentedAnswer {
        DocumentedAnswer(status: 204, description: description)
    }

    static func empty(_ status: Int, _ description: String, headers: [String] = []) -> DocumentedAnswer {
        DocumentedAnswer(status: status, description: description, headers: headers)
    }

    /// A refusal whose body is a JSON string, for instance this one.
    static func sentence(
        _ status: Int, _ description: String, example: String, headers: [String] = []
    ) -> DocumentedAnswer {
        DocumentedAnswer(
            status: status, description: description, schema: "Sentence", example: .string(example), headers: headers)
    }

    /// Anything that is not JSON.
    static func text(_ mediaType: String, _ description: String, example: String) -> DocumentedAnswer {
        DocumentedAnswer(status: 200, description: description, mediaType: mediaType, example: .string(example))
    }
}
