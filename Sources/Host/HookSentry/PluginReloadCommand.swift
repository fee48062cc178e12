import Config
import Demo
import JSON
import Ports

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

    private let url: String
    private let environment: [String: String]
    private let helped: Bool

    init(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) {
        let given = try arguments.value("--url", usage: Self.usage)
        helped = try arguments.finish(usage: Self.usage)
        url = given ?? "http://" + (environment["HOOKSENTRY_LISTEN"] ?? "127.0.0.1:5143")
        self.environment = environment
    }

    func run() -> Int32 {
        if helped { return 0 }
        guard let configuration = ConfiguredProcess.load(nil, environment, purpose: .plugins) else { return 1 }
        let token = configuration.operatorToken
        guard !token.isEmpty else {
            Command.complain("set HOOKSENTRY_OPERATOR_TOKEN, or HOOKSENTRY_OPERATOR_TOKEN_FILE, to the server's token")
            return 1
        }
        let client = APIClient(server: url)
        defer { client.stop() }
        do throws(APIClient.Failure) {
            let answer = try client.send(
                "POST", "/api/v1/admin/plugins/reload", headers: [HeaderField("X-Operator-Token", token)])
            switch answer.status {
            case 200: return tell(answer.document)
            case 401: Command.complain("\(url) does not take this operator token, or has none in its configuration")
            default: Command.complain("\(url) answered \(answer.status)")
            }
        } catch {
            Command.complain(error.sentence)
        }
        return 1
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
