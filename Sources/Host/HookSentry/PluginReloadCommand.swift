import JSON

/// `hooksentry plugin reload`: asks a running server, as an operator.
struct PluginReloadCommand {
    static let usage = """
        usage: hooksentry plugin reload [--url URL]

        Tells a running server to look at its plugin directories: what is new or changed is loaded beside what there is,
        tried with every setting in use, and put in its place at once. A version that is refused leaves the old one
        serving. Needs the server's operator token in HOOKSENTRY_OPERATOR_TOKEN or HOOKSENTRY_OPERATOR_TOKEN_FILE.
        Exits with 1 if a library was refused.

          --url URL   the server; default: http:// and HOOKSENTRY_LISTEN, or http://127.0.0.1:5143
        """

    private let call: OperatorCall
    private let helped: Bool

    init(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) {
        call = OperatorCall(url: try arguments.value("--url", usage: Self.usage), environment)
        helped = try arguments.finish(usage: Self.usage)
    }

    func run() -> Int32 {
        if helped { return 0 }
        guard let report = call.send("POST", "/api/v1/admin/plugins/reload") else { return 1 }
        return tell(report)
    }

    private func tell(_ report: JSONValue) -> Int32 {
        func items(_ name: String) -> [JSONValue] { report.members?[name]?.elements ?? [] }
        func text(_ item: JSONValue, _ name: String) -> String { item.members?[name]?.text ?? "" }
        for (name, word) in [("loaded", "loaded: "), ("removed", "removed:")] {
            for item in items(name) {
                print("\(word)  \(text(item, "name")) \(text(item, "version"))  \(text(item, "library"))")
            }
        }
        for item in items("refused") { print("refused:  \(text(item, "library")): \(text(item, "reason"))") }
        let (generation, unchanged) = (report.members?["generation"], report.members?["unchanged"])
        print("generation \(generation?.integer ?? 0), \(unchanged?.integer ?? 0) components unchanged")
        return items("refused").isEmpty ? 0 : 1
    }
}
