import Domain
import JSON
import Ports

/// The API as an OpenAPI 3.1 document, put together from `DocumentedGroup.all`, the schemas in `Schemas/` and the
/// enumerations of the domain.
///
/// To document a route, add a `DocumentedRoute` to its group and, if it has a shape of its own, a schema with an
/// example to one of the JSON files. Its code examples are made from that: from the example of the body's schema, the
/// group's example for each placeholder, and the parameters that have an example. Whatever many operations share is
/// written here, once.
enum OpenAPIDocument {
    /// components: what this installation has loaded.
    static func document(_ components: [PluginDescription]) -> JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "HookSentry API", "version": "v1",
                "description": .string(introduction),
                "license": ["name": "Apache License 2.0", "identifier": "Apache-2.0"],
            ],
            "x-samples": SampleLanguage.conventions,
            "servers": [["url": "/", "description": "The server that gave you this document."]],
            "tags": .array(
                DocumentedGroup.all.map {
                    ["name": .string($0.name), "description": .string($0.description)]
                }),
            "paths": paths,
            "components": [
                "schemas": .object(
                    JSONObject(DocumentedSchemas.all.members + PluginSchemas(components: components).all)),
                "responses": sharedResponses,
                "headers": headers,
                "securitySchemes": [
                    "Bearer": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                        "description": "An access token from login or refresh.",
                    ],
                    "ApiKey": [
                        "type": "apiKey", "in": "header", "name": "X-Api-Key",
                        "description": "An API key of the tenant. It opens ingest and nothing else.",
                    ],
                    "Operator": [
                        "type": "apiKey", "in": "header", "name": "X-Operator-Token",
                        "description": "The operator token of the configuration. Without one these routes are closed.",
                    ],
                ],
            ],
        ]
    }

    private static let introduction = """
        Deliver webhooks for many tenants. Lists come as {total, items}; enumerations are names in answers and names \
        in any case, or numbers, in requests; names of fields may have any case in requests; times are ISO 8601 in \
        UTC. What is refused has an empty body or a JSON string that names field and rule; a fault of the server is a \
        problem document. A path that exists answers another method with 405 and Allow.
        """

    private static var paths: JSONValue {
        var paths: [(name: String, value: JSONValue)] = []
        for group in DocumentedGroup.all {
            for route in group.routes {
                let operation = (name: route.method.lowercased(), value: document(route, in: group))
                if let index = paths.firstIndex(where: { $0.name == route.documentedPath }) {
                    let others = paths[index].value.members?.members ?? []
                    paths[index].value = .object(JSONObject(others + [operation]))
                } else {
                    paths.append((route.documentedPath, .object(JSONObject([operation]))))
                }
            }
        }
        return .object(JSONObject(paths))
    }

    private static func document(_ route: DocumentedRoute, in group: DocumentedGroup) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("operationId", .string(route.id)), ("tags", [.string(group.name)]), ("summary", .string(route.summary)),
        ]
        let description = [route.details, roles(route)].filter { !$0.isEmpty }.joined(separator: " ")
        if !description.isEmpty { members.append(("description", .string(description))) }
        members.append(("security", security(route)))
        if case .token(let operation) = route.access { members.append(("x-roles", roleNames(operation))) }
        let parameters = pathParameters(route, in: group) + route.query.map(\.document)
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body = route.body {
            members.append(
                (
                    "requestBody",
                    [
                        "required": .bool(body.isRequired),
                        "content": content("application/json", body.schema, example: nil),
                    ]
                ))
        }
        members.append(("responses", responses(route)))
        members.append(("x-codeSamples", SampleLanguage.samples(of: route, in: group)))
        return .object(JSONObject(members))
    }

    /// From the table that the handlers ask, so that it cannot say anything else.
    private static func roles(_ route: DocumentedRoute) -> String {
        guard case .token(let operation) = route.access else { return "" }
        let allowed = UserRole.allCases.filter { operation.roles.contains($0) }
        return allowed.count == UserRole.allCases.count
            ? "For every role." : "For \(allowed.map(\.name).joined(separator: ", "))."
    }

    /// The same for programs.
    private static func roleNames(_ operation: Operation) -> JSONValue {
        .array(UserRole.allCases.filter { operation.roles.contains($0) }.map { .string($0.name) })
    }

    private static func security(_ route: DocumentedRoute) -> JSONValue {
        switch route.access {
        case .anyone: []
        case .token: [["Bearer": []]]
        case .apiKey: [["ApiKey": []]]
        case .operators: [["Operator": []]]
        }
    }

    private static func pathParameters(_ route: DocumentedRoute, in group: DocumentedGroup) -> [JSONValue] {
        route.placeholders.map { name, isUUID in
            let text: JSONValue =
                group.patterns[name].map { ["type": "string", "maxLength": 512, "pattern": .string($0)] }
                ?? ["type": "string", "minLength": 1]
            return [
                "name": .string(name), "in": "path", "required": true,
                "schema": isUUID ? ["type": "string", "format": "uuid"] : text,
                "example": .string(group.example(for: name) ?? name),
            ]
        }
    }
}
