import JSON

/// A parameter in the query or a header.
struct DocumentedParameter: Sendable {
    var place = "query"
    let name: String
    let description: String
    let schema: JSONValue

    var document: JSONValue {
        ["name": .string(name), "in": .string(place), "description": .string(description), "schema": schema]
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

    static func header(_ name: String, _ description: String, lengthMax: Int) -> DocumentedParameter {
        DocumentedParameter(
            place: "header", name: name, description: description,
            schema: ["type": "string", "maxLength": .count(lengthMax)])
    }

    /// The four that every list has. fields: what it can be sorted by, the default first.
    static func paging(sortedBy fields: [String]) -> [DocumentedParameter] {
        [
            DocumentedParameter(
                name: "Qt", description: "Quantity on a page, moved into 1…\(Paging.quantityMax).",
                schema: ["type": "integer", "default": .count(Paging.quantityDefault)]),
            DocumentedParameter(
                name: "Pg", description: "Page, from 1.", schema: ["type": "integer", "default": 1]),
            DocumentedParameter(
                name: "CpOrd", description: "What the list is sorted by, in any case.",
                schema: [
                    "type": "string", "enum": .array(fields.map { .string($0) }), "default": .string(fields[0]),
                ]),
            DocumentedParameter(
                name: "TpOrd", description: "Direction.",
                schema: ["type": "string", "enum": ["Asc", "Desc"], "default": "Desc"]),
        ]
    }
}
