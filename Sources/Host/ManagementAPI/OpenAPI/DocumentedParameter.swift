import JSON

/// A parameter in the query or a header.
struct DocumentedParameter: Sendable {
    var place = "query"
    let name: String
    let description: String
    let schema: JSONValue
    /// As it stands in a URL or a header. A parameter that has one is part of the route's code examples.
    var example: String?

    var document: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("name", .string(name)), ("in", .string(place)), ("description", .string(description)), ("schema", schema),
        ]
        // An empty one is as good as none.
        if place == "query" { members.append(("allowEmptyValue", true)) }
        if let example { members.append(("example", exampleValue(example))) }
        return .object(JSONObject(members))
    }

    private func exampleValue(_ text: String) -> JSONValue {
        schema.members?["type"] == "integer" ? .number(text) : .string(text)
    }

    /// One of an enumeration: `schema` names it.
    static func choice(_ name: String, of schema: String) -> DocumentedParameter {
        DocumentedParameter(
            name: name, description: "Only those that are this.",
            schema: ["$ref": .string("#/components/schemas/\(schema)Choice")])
    }

    static func time(_ name: String, _ description: String) -> DocumentedParameter {
        DocumentedParameter(name: name, description: description, schema: ["type": "string", "format": "date-time"])
    }

    static func header(
        _ name: String, _ description: String, lengthMax: Int, example: String? = nil
    ) -> DocumentedParameter {
        DocumentedParameter(
            place: "header", name: name, description: description,
            schema: ["type": "string", "maxLength": .count(lengthMax)], example: example)
    }

    /// The four that every list has. fields: what it can be sorted by, the default first.
    static func paging(sortedBy fields: [String]) -> [DocumentedParameter] {
        [
            DocumentedParameter(
                name: "Qt", description: "Quantity on a page, moved into 1…\(Paging.quantityMax).",
                schema: ["type": "integer", "default": .count(Paging.quantityDefault)],
                example: "20"),
            DocumentedParameter(
                name: "Pg", description: "Page, from 1.", schema: ["type": "integer", "default": 1]),
            DocumentedParameter(
                name: "CpOrd", description: "What the list is sorted by, in any case.",
                schema: oneOf(fields, byDefault: fields[0])),
            DocumentedParameter(
                name: "TpOrd", description: "Direction, in any case; or 0 and 1.",
                schema: oneOf(["Asc", "Desc"], orText: ["0", "1"], byDefault: "Desc")),
        ]
    }

    private static func oneOf(_ names: [String], orText others: [String] = [], byDefault: String) -> JSONValue {
        let spellings = names.map(DocumentedSchemas.anyCase) + others
        return [
            "default": .string(byDefault),
            "anyOf": [
                ["type": "string", "enum": .array(names.map { .string($0) })],
                ["type": "string", "pattern": .string("^(?:\(spellings.joined(separator: "|")))$")],
            ],
        ]
    }
}
