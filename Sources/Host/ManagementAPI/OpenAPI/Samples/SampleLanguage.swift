import JSON

/// A language in which every operation has an example. The examples are made here and nowhere else: the document
/// carries them as `x-codeSamples`, the reference page shows these, and the end-to-end tests run them.
///
/// Each is a whole program that needs nothing but the language's own library, prints the status on a line of its own
/// and then the answer's body.
enum SampleLanguage: String, CaseIterable, Sendable {
    case cSharp = "C#"
    case nodeJS = "JavaScript"
    case go = "Go"
    case python = "Python"

    var label: String {
        switch self {
        case .cSharp: ".NET"
        case .nodeJS: "Node.js"
        case .go: "Go"
        case .python: "Python"
        }
    }

    func program(_ request: SampleRequest) -> String {
        switch self {
        case .cSharp: cSharp(request)
        case .nodeJS: nodeJS(request)
        case .go: go(request)
        case .python: python(request)
        }
    }

    /// What a shell needs before and after the program to run it as it is pasted.
    var shell: (before: String, after: String) {
        let end = "\nEXAMPLE"
        return switch self {
        case .cSharp: (saved("example.cs"), end + "\ndotnet run \"$example\"")
        case .nodeJS: ("node --input-type=module - <<'EXAMPLE'\n", end)
        case .go: (saved("example.go"), end + "\ngo run \"$example\"")
        case .python: ("python3 - <<'EXAMPLE'\n", end)
        }
    }

    private func saved(_ name: String) -> String { "example=$(mktemp -d)/\(name); cat >\"$example\" <<'EXAMPLE'\n" }

    /// The extension of an operation.
    static func samples(of route: DocumentedRoute, in group: DocumentedGroup) -> JSONValue {
        let request = SampleRequest(route, in: group)
        return .array(
            allCases.map {
                [
                    "lang": .string($0.rawValue), "label": .string($0.label),
                    "source": .string($0.program(request)),
                ]
            })
    }

    /// The extension of the document: what in the examples is the reader's own, and how a shell runs them.
    static var conventions: JSONValue {
        let values = SampleValue.allCases.map { (name: $0.rawValue, value: JSONValue.string($0.text)) }
        let shells = allCases.map { language in
            (
                name: language.rawValue,
                value: ["before": .string(language.shell.before), "after": .string(language.shell.after)] as JSONValue
            )
        }
        return ["values": .object(JSONObject(values)), "shell": .object(JSONObject(shells))]
    }

    /// Name and text of each variable that a program begins with.
    func variables(_ request: SampleRequest, snakeCase: Bool = false) -> [(name: String, text: String)] {
        ([.baseURL] + (request.credential.map { [$0.value] } ?? [])).map {
            ($0.name(snakeCase: snakeCase), SampleLiteral().quoted($0.text))
        }
    }

    /// Name and value of each header, the value as an expression that adds texts.
    func headerFields(_ request: SampleRequest, snakeCase: Bool = false) -> [(name: String, value: String)] {
        let literal = SampleLiteral()
        var fields: [(name: String, value: String)] = []
        if let credential = request.credential {
            let name = credential.value.name(snakeCase: snakeCase)
            fields.append(
                (credential.header, credential.prefix.isEmpty ? name : "\(literal.quoted(credential.prefix)) + \(name)")
            )
        }
        fields += request.headers.map { ($0.name, literal.quoted($0.value)) }
        return fields
    }
}
