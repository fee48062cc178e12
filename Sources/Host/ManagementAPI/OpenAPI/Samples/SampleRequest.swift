import JSON

/// The request that an operation's examples send. Everything a reader has to replace by his own is a literal that
/// stands in the program once and that `SampleValue` or the parameter's `example` names, so that whoever shows or runs
/// an example replaces texts and nothing else.
struct SampleRequest: Sendable {
    let method: String
    /// Path and query with example values.
    let target: String
    let access: DocumentedRoute.Access
    /// Besides the credential and the type of the body.
    var headers: [(name: String, value: String)] = []
    var body: JSONValue?
    /// The answer does not end by itself and is shown as it comes.
    var isEndless = false

    /// What the credential's header holds: the text before the credential, and the credential's name in the examples.
    var credential: (header: String, prefix: String, value: SampleValue)? {
        switch access {
        case .anyone: nil
        case .token: ("Authorization", "Bearer ", .accessToken)
        case .apiKey: ("X-Api-Key", "", .apiKey)
        case .operators: ("X-Operator-Token", "", .operatorToken)
        }
    }
}

extension SampleRequest {
    init(_ route: DocumentedRoute, in group: DocumentedGroup) {
        self.init(
            method: route.method, target: Self.target(route, in: group), access: route.access,
            headers: route.query.filter { $0.place == "header" }.compactMap { parameter in
                parameter.example.map { (parameter.name, $0) }
            },
            body: route.body.flatMap { DocumentedSchemas.example(of: $0.schema) }, isEndless: route.isEndless)
    }

    private static func target(_ route: DocumentedRoute, in group: DocumentedGroup) -> String {
        let path = route.placeholders.reduce(route.documentedPath) { path, placeholder in
            path.replacing(
                "{\(placeholder.name)}", with: group.example(for: placeholder.name) ?? "{\(placeholder.name)}")
        }
        let query = route.query.filter { $0.place == "query" }.compactMap { parameter in
            parameter.example.map { "\(parameter.name)=\($0)" }
        }
        return query.isEmpty ? path : path + "?" + query.joined(separator: "&")
    }
}

/// What stands in examples for that which only the reader knows.
enum SampleValue: String, CaseIterable, Sendable {
    case baseURL, accessToken, apiKey, operatorToken

    /// The text in the program.
    var text: String {
        switch self {
        case .baseURL: "http://127.0.0.1:5143"
        case .accessToken: "YOUR_ACCESS_TOKEN"
        case .apiKey: "YOUR_API_KEY"
        case .operatorToken: "YOUR_OPERATOR_TOKEN"
        }
    }

    /// The name of the variable: `baseURL`, or `base_url`.
    func name(snakeCase: Bool) -> String {
        guard snakeCase else { return rawValue }
        return switch self {
        case .baseURL: "base_url"
        case .accessToken: "access_token"
        case .apiKey: "api_key"
        case .operatorToken: "operator_token"
        }
    }
}
