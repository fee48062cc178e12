import Config
import Demo
import JSON
import Ports

/// Asks a running server, as its operator.
struct OperatorCall {
    private let given: String?
    private let environment: [String: String]

    /// given: what `--url` says; nil: the server that this environment would start.
    init(url given: String?, _ environment: [String: String]) {
        self.given = given
        self.environment = environment
    }

    /// The document of the answer; nil after a complaint.
    func send(_ method: String, _ path: String) -> JSONValue? {
        guard let configuration = ConfiguredProcess.load(nil, environment, purpose: .plugins) else { return nil }
        let token = configuration.operatorToken
        guard !token.isEmpty else {
            Command.complain("set HOOKSENTRY_OPERATOR_TOKEN, or HOOKSENTRY_OPERATOR_TOKEN_FILE, to the server's token")
            return nil
        }
        let url = given ?? "http://\(configuration.listen)"
        let client = APIClient(server: url)
        defer { client.stop() }
        do throws(APIClient.Failure) {
            let answer = try client.send(method, path, headers: [HeaderField("X-Operator-Token", token)])
            switch answer.status {
            case 200: return answer.document
            case 401: Command.complain("\(url) does not take this operator token, or has none in its configuration")
            default: Command.complain("\(url) answered \(answer.status)")
            }
        } catch {
            Command.complain(error.sentence)
        }
        return nil
    }
}
