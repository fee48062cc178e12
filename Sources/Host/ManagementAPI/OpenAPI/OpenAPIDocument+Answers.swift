import JSON

// What operations answer, and what they all may answer.
extension OpenAPIDocument {
    static func responses(_ route: DocumentedRoute) -> JSONValue {
        var responses: [(status: Int, value: JSONValue)] = []
        for answer in route.answers { responses.append((answer.status, response(answer, of: route))) }
        for (status, name) in shared(by: route) where !responses.contains(where: { $0.status == status }) {
            responses.append((status, ["$ref": .string("#/components/responses/\(name)")]))
        }
        responses.sort { $0.status < $1.status }
        return .object(JSONObject(responses.map { (String($0.status), $0.value) }))
    }

    /// What follows from how a route is made: see `ManagementAPI.route` and the server's own refusals.
    private static func shared(by route: DocumentedRoute) -> [(status: Int, name: String)] {
        let readsInput = route.body != nil || !route.query.isEmpty
        var shared = [(400, readsInput ? "Invalid" : "Malformed"), (431, "HeadersTooLarge"), (500, "Fault")]
        if case .token = route.access { shared += [(401, "Unauthorized"), (403, "Forbidden")] }
        if case .operators = route.access { shared.append((401, "Unauthorized")) }
        if !route.placeholders.isEmpty { shared.append((404, "NotFound")) }
        if route.body != nil { shared += [(413, "ContentTooLarge"), (415, "UnsupportedMediaType")] }
        return shared + [(503, "Unavailable")]
    }

    private static let sharedAnswers: [(name: String, answer: DocumentedAnswer)] = [
        (
            "Invalid",
            .sentence(
                400, "A field or parameter breaks a rule; the body is empty if the request cannot even be read.",
                example: "body must be a JSON object")
        ),
        ("Malformed", .empty(400, "The request cannot be read: a bad escape in its path or query, for instance.")),
        ("Unauthorized", .empty(401, "The token is missing, expired or revoked.")),
        ("Forbidden", .empty(403, "The caller's role may not do this, or the thing is another tenant's.")),
        ("NotFound", .empty(404, "There is no such thing, or an id in the path is not a UUID.")),
        ("ContentTooLarge", .empty(413, "The body is longer than this server takes.")),
        ("UnsupportedMediaType", .empty(415, "The body's type is not application/json or one that ends in +json.")),
        ("HeadersTooLarge", .empty(431, "The request's line and headers are longer than this server takes.")),
    ]

    static var sharedResponses: JSONValue {
        var responses = sharedAnswers.map { (name: $0.name, value: response($0.answer, of: nil)) }
        responses.append(("Fault", problem("A fault of the server; the log has the cause under this id.", [])))
        responses.append(
            (
                "Unavailable",
                problem("The database is away, or the server starts, stops or is too busy.", ["Retry-After"])
            ))
        return .object(JSONObject(responses))
    }

    private static func problem(_ description: String, _ headers: [String]) -> JSONValue {
        let isOurs = headers.isEmpty
        var content = content("application/problem+json", "Problem", example: nil).members ?? JSONObject()
        if !isOurs {
            // Before the database has been reached, the process says so with a sentence.
            let starting: JSONValue = "The service is starting; see /health/ready."
            content.members += self.content("application/json", "Sentence", example: starting).members?.members ?? []
        }
        return [
            "description": .string(description), "headers": references(to: headers), "content": .object(content),
            "x-may-be-empty": true,
        ]
    }

    /// The server itself, before it has come to the route or because it cannot, refuses with an empty body; OpenAPI has
    /// no word for a body that may be missing.
    private static func mayBeEmpty(_ status: Int, of route: DocumentedRoute?) -> Bool {
        switch status {
        case 400, 500, 503: true
        case 404: route?.placeholders.isEmpty == false
        default: false
        }
    }

    private static func response(_ answer: DocumentedAnswer, of route: DocumentedRoute?) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("description", .string(answer.description)), ("headers", references(to: answer.headers)),
        ]
        if let schema = answer.schema {
            members.append(("content", content(answer.mediaType, schema, example: answer.example)))
            if mayBeEmpty(answer.status, of: route) { members.append(("x-may-be-empty", true)) }
        } else if let example = answer.example {
            let body: JSONValue = ["schema": ["type": "string"], "example": example]
            members.append(("content", .object(JSONObject([(answer.mediaType, body)]))))
        }
        return .object(JSONObject(members))
    }

    /// example: nil takes the first one of the schema.
    static func content(_ mediaType: String, _ schema: String, example: JSONValue?) -> JSONValue {
        let example = example ?? DocumentedSchemas.example(of: schema) ?? .null
        let body: JSONValue = ["schema": ["$ref": .string("#/components/schemas/\(schema)")], "example": example]
        return .object(JSONObject([(mediaType, body)]))
    }

    private static func references(to headers: [String]) -> JSONValue {
        .object(
            JSONObject(
                (["X-Request-Id"] + headers).map { ($0, ["$ref": .string("#/components/headers/\($0)")]) }))
    }

    static let headers: JSONValue = [
        "X-Request-Id": [
            "description": "The id under which the log speaks of this request; the client's own if it sent one.",
            "required": true, "schema": ["type": "string"],
        ],
        "Location": [
            "description": "The path of what was created.", "required": true, "schema": ["type": "string"],
        ],
        "Link": [
            "description": "The next page by its cursor (RFC 8288), if there is one.", "required": false,
            "schema": ["type": "string"],
        ],
        "X-Total-Estimated": [
            "description": "Present if total is an estimate.", "required": false,
            "schema": ["type": "string", "const": "true"],
        ],
        "Retry-After": [
            "description": "Seconds.", "required": true, "schema": ["type": "string", "pattern": "^[0-9]+$"],
        ],
    ]
}
