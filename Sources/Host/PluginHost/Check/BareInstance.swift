import Domain
import PluginAPI
import Ports

/// What a plugin is given to work on; each kind takes what it needs.
struct WorkInput: Sendable {
    var body: [UInt8]
    var url = "https://example.com/hook?a=b%20c"
    var headers = [HeaderField("Content-Type", "application/json"), HeaderField("X-Sample", "sample")]
    var failure = RetryFailure(
        attemptNumber: 1, attemptsMax: 6, outcome: .httpStatus, httpStatus: 503, retryAfter: nil, elapsed: .zero,
        random: 1)
    /// The answer to a fetch.
    var fetchStatus = 200
    var fetchBody = Array(Self.token.utf8)

    static let token = #"{"access_token":"sample-token","token_type":"Bearer","expires_in":3600}"#
}

/// What came of it.
struct WorkResult: Sendable, Equatable {
    /// Of the last function that was called.
    var status: Int32
    /// A transformer's output; nil if it emitted nothing.
    var output: [UInt8]?
    /// A retry policy's action and delay.
    var decision: [Int64] = []
    /// What an authenticator did that its sink refuses, in the words that follow its name.
    var brokenRule: String?
}

/// An instance without adapter or service in between: the kit's own host, and the plugin's functions as they are.
final class BareInstance {
    let host: RecordingHost
    private let component: Component
    private let instance: OpaquePointer
    private let record = CallRecord()
    private let fields = BorrowedFields()

    /// Nil if `create` refused; `status` then says how.
    init?(_ component: Component, settings: [UInt8], host: RecordingHost, status: inout Int32) {
        self.host = host
        self.component = component
        var made: OpaquePointer?
        status = settings.withUnsafeBufferPointer { component.offer.create(host.pointer, hks_bytes($0), &made) }
        guard status == Status.ok, let made else { return nil }
        instance = made
    }

    deinit { component.offer.destroy(instance) }

    /// limit: how far away the deadline is; negative: it has passed.
    func work(_ input: WorkInput, limit: Duration = .milliseconds(250)) -> WorkResult {
        record.fill(.sample, deadline: monotonicNanoseconds() + limit.inNanoseconds)
        switch component.offer.calls {
        case .transformer(let calls): return transform(calls, input)
        case .authenticator(let calls): return authenticate(calls, input)
        case .retryPolicy(let calls): return decide(calls, input)
        }
    }

    private func transform(_ calls: hks_transformer_calls, _ input: WorkInput) -> WorkResult {
        let sink = OutputSink(sizeMax: Limits().transformedBytes)
        sink.open()
        let status = input.body.withUnsafeBufferPointer {
            calls.apply(instance, record.pointer, hks_bytes($0), sink.pointer)
        }
        return WorkResult(status: status, output: sink.output, brokenRule: sink.brokenRule)
    }

    private func decide(_ calls: hks_retry_policy_calls, _ input: WorkInput) -> WorkResult {
        var failure = hks_failure(input.failure)
        var decision = hks_retry_decision()
        decision.struct_size = UInt32(MemoryLayout<hks_retry_decision>.size)
        let status = calls.decide(instance, record.pointer, &failure, &decision)
        return WorkResult(status: status, decision: [Int64(decision.action), decision.delay_ms])
    }

    /// With the fetch it asks for, if it does, and once more after that; then a refusal of its credentials.
    private func authenticate(_ calls: hks_authenticator_calls, _ input: WorkInput) -> WorkResult {
        var result = ask(calls, input)
        if result.status == Status.needFetch, let fetched = calls.fetched {
            var response = hks_fetch_response()
            response.struct_size = UInt32(MemoryLayout<hks_fetch_response>.size)
            response.http_status = UInt32(clamping: input.fetchStatus)
            response.header_count = UInt32(input.headers.count)
            response.headers = fields.layOut(input.headers, extra: 0)
            result.status = input.fetchBody.withUnsafeBufferPointer {
                response.body = hks_bytes($0)
                return fetched(instance, record.pointer, &response)
            }
            if result.status == Status.ok { result = ask(calls, input) }
        }
        _ = calls.rejected?(instance, record.pointer, 401)
        return result
    }

    private func ask(_ calls: hks_authenticator_calls, _ input: WorkInput) -> WorkResult {
        let sink = AuthenticationSink()
        sink.open()
        var request = hks_request()
        request.struct_size = UInt32(MemoryLayout<hks_request>.size)
        request.header_count = UInt32(input.headers.count)
        request.headers = fields.layOut(input.headers, extra: 4 + input.url.utf8.count)
        request.method = fields.view("POST")
        request.url = fields.view(input.url)
        let status = input.body.withUnsafeBufferPointer {
            request.body = hks_bytes($0)
            return calls.authenticate(instance, record.pointer, &request, sink.pointer)
        }
        return WorkResult(status: status, brokenRule: sink.brokenRule)
    }
}
