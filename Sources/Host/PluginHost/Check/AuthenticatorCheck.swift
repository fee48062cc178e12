import JSON
import Ports

/// Tries an authenticator with many bodies, and the way through a fetch with good and bad answers.
struct AuthenticatorCheck {
    private let check: ComponentCheck
    private let settings: JSONValue

    init(_ check: ComponentCheck, _ settings: JSONValue) {
        self.check = check
        self.settings = settings
    }

    private static let headers = [
        HeaderField("Content-Type", "application/json"), HeaderField("X-Sample", ""),
        HeaderField("X-Long", String(repeating: "v", count: 8_000)),
    ]

    private struct Answer {
        var name: String
        var status: Int
        var body: [UInt8]
    }

    private static let badAnswers = [
        Answer(name: "status 500", status: 500, body: Array("oops".utf8)),
        Answer(name: "status 400 and an OAuth error", status: 400, body: Array(#"{"error":"invalid_client"}"#.utf8)),
        Answer(name: "status 200 and an empty body", status: 200, body: []),
        Answer(name: "status 200 and half a JSON object", status: 200, body: Array(#"{"access_token":"#.utf8)),
        Answer(name: "status 200 and bytes that are not UTF-8", status: 200, body: [0x7B, 0xFF, 0xFE, 0x7D]),
        Answer(name: "status 200 and 64 KiB of nothing", status: 200, body: [UInt8](repeating: 0x20, count: 64 << 10)),
    ]

    func runAll() {
        var fetches = false
        let inputs = HostileInputs.all
        check.run.check(.work) { () throws(Complaint) in
            for input in inputs {
                check.run.step("with a body of \(input.name)")
                if case .needsFetch = try step(on: adapter, body: input.bytes) { fetches = true }
            }
            check.run.step("rejected with 401")
            _ = try check.trying(adapter) { adapter throws(PluginFault) in
                let isRenewable = adapter.rejected(status: 401, .sample)
                return try isRenewable ? authenticate(adapter, body: []) : nil
            }
            return "\(inputs.count) requests authenticated or refused with a reason; all headers legal"
        }
        guard fetches else { return }
        check.run.check(.fetch) { () throws(Complaint) in try checkFetch() }
    }

    private func checkFetch() throws(Complaint) -> String {
        check.run.step("with a token as the answer")
        let renewed = try check.trying(adapter) { adapter throws(PluginFault) in
            let first = try authenticated(adapter)
            // The token was refused: a new one may be fetched within the same attempt.
            guard case .headers = first, adapter.rejected(status: 401, .sample) else { return first }
            return try authenticated(adapter)
        }
        guard case .headers = renewed else { throw Complaint("does not authenticate with a token it was given") }
        for answer in Self.badAnswers {
            check.run.step("with \(answer.name)")
            let isTaken = try check.trying(adapter) { adapter throws(PluginFault) in
                _ = try authenticate(adapter, body: [])
                try adapter.fetched(status: answer.status, headers: Self.headers, body: answer.body, .sample)
                return true
            }
            if isTaken == true { throw Complaint("takes \(answer.name) for a token") }
        }
        return "a token is used, and \(Self.badAnswers.count) bad answers are refused with a reason"
    }

    /// Authenticates, by way of a fetch if need be.
    private func authenticated(_ adapter: AuthenticatorAdapter) throws(PluginFault) -> AuthenticationStep {
        let first = try authenticate(adapter, body: [])
        guard case .needsFetch = first else { return first }
        let headers = [HeaderField("Content-Type", "application/json")]
        try adapter.fetched(status: 200, headers: headers, body: Array(WorkInput.token.utf8), .sample)
        return try authenticate(adapter, body: [])
    }

    private func step(
        on make: () throws(PluginFault) -> AuthenticatorAdapter, body: [UInt8]
    ) throws(Complaint) -> AuthenticationStep? {
        try check.trying(make) { adapter throws(PluginFault) in try authenticate(adapter, body: body) }
    }

    private func authenticate(
        _ adapter: AuthenticatorAdapter, body: [UInt8]
    ) throws(PluginFault) -> AuthenticationStep {
        try adapter.authenticate(
            method: "POST", url: "https://example.com/hook?a=b%20c", headers: Self.headers, body: body, .sample)
    }

    private func adapter() throws(PluginFault) -> AuthenticatorAdapter {
        AuthenticatorAdapter(try check.instance(settings))
    }
}
