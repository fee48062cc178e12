/// One operation of the OpenAPI document: what is particular about it. What it has in common with others (refusals for
/// a missing token, say) follows from these facts and is added by `OpenAPIDocument`.
struct DocumentedRoute: Sendable {
    enum Access: Sendable {
        case anyone
        /// An access token whose role allows this.
        case token(Operation)
        case apiKey
        /// The operator token.
        case operators
    }

    let method: String
    /// As the router has it, with placeholders like `{id:uuid}`.
    let path: String
    /// The operationId.
    let id: String
    let summary: String
    let access: Access
    /// More than the summary says; may be empty.
    let details: String
    let query: [DocumentedParameter]
    let body: DocumentedBody?
    /// Its successes, and those refusals that need a word of their own.
    let answers: [DocumentedAnswer]
    /// The answer is a stream that goes on until the client leaves.
    let isEndless: Bool

    init(
        _ method: String, _ path: String, id: String, _ access: Access, _ summary: String, details: String = "",
        query: [DocumentedParameter] = [], body: DocumentedBody? = nil, isEndless: Bool = false,
        _ answers: DocumentedAnswer...
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.access = access
        self.summary = summary
        self.details = details
        self.query = query
        self.body = body
        self.answers = answers
        self.isEndless = isEndless
    }

    /// The path's placeholders in order.
    var placeholders: [(name: String, isUUID: Bool)] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { segment in
            let parts = segment.dropFirst().dropLast().split(separator: ":")
            return (String(parts[0]), parts.count == 2)
        }
    }

    /// The path as OpenAPI writes it.
    var documentedPath: String { path.replacing(":uuid", with: "") }
}

/// Operations that stand together on the reference page.
struct DocumentedGroup: Sendable {
    let name: String
    let description: String
    /// What stands for each placeholder in examples, besides those every group knows.
    var examples: [String: String] = [:]
    /// What a placeholder has to match, if it is more than not empty.
    var patterns: [String: String] = [:]
    let routes: [DocumentedRoute]

    /// Nil: neither the group nor the document has one.
    func example(for placeholder: String) -> String? {
        let known = ["tenantId": Self.exampleTenant, "destinationId": Self.exampleDestination]
        return examples[placeholder] ?? known[placeholder]
    }
}

/// schema: a name below `#/components/schemas`.
enum DocumentedBody: Sendable {
    case required(_ schema: String)
    case optional(_ schema: String)

    var schema: String {
        switch self {
        case .required(let schema), .optional(let schema): schema
        }
    }

    var isRequired: Bool {
        if case .required = self { true } else { false }
    }
}
