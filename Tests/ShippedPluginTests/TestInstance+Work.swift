import PluginAPI

private final class Emissions {
    var all: [[UInt8]] = []
    var contentType: String?
}

extension TestInstance {
    func apply(_ payload: String, sizeMax: UInt64 = 1 << 20) throws -> String {
        try transform(payload, sizeMax: sizeMax).output
    }

    /// contentType: what the plugin says its output is.
    func transform(
        _ payload: String, sizeMax: UInt64 = 1 << 20
    ) throws -> (output: String, contentType: String?) {
        let emissions = Emissions()
        var sink = hks_sink(
            struct_size: UInt32(MemoryLayout<hks_sink>.size), reserved: 0,
            context: Unmanaged.passUnretained(emissions).toOpaque(), size_max: sizeMax,
            emit: { sink, bytes in
                Unmanaged<Emissions>.fromOpaque(sink!.pointee.context).takeUnretainedValue().all.append([UInt8](bytes))
                return Int32(HKS_OK)
            },
            set_content_type: { sink, type in
                Unmanaged<Emissions>.fromOpaque(sink!.pointee.context).takeUnretainedValue().contentType = String(
                    decoding: [UInt8](type), as: UTF8.self)
                return Int32(HKS_OK)
            })
        let status = payload.withBytes { payload in
            withCall { calls(hks_transformer_calls.self).apply(pointer, $0, payload, &sink) }
        }
        guard status == HKS_OK else {
            guard emissions.all.isEmpty else { throw TestFailure(description: "emitted and failed") }
            throw host.failure(status)
        }
        guard emissions.all.count == 1 else { throw TestFailure(description: "emitted \(emissions.all.count) times") }
        return (String(decoding: emissions.all[0], as: UTF8.self), emissions.contentType)
    }

    /// The delay in milliseconds; nil for giving up.
    func decide(
        attempt: UInt32 = 1, outcome: Int = HKS_OUTCOME_TIMEOUT, retryAfter: Int64 = -1, random: UInt64 = 0
    ) throws -> Int64? {
        var failure = hks_failure(
            struct_size: UInt32(MemoryLayout<hks_failure>.size), attempt_number: attempt, attempts_max: 20,
            outcome: UInt32(outcome), http_status: 0, reserved: 0, retry_after_ms: retryAfter, elapsed_ms: 1,
            random: random)
        var decision = hks_retry_decision(
            struct_size: UInt32(MemoryLayout<hks_retry_decision>.size), action: 0, delay_ms: 0)
        let status = withCall { calls(hks_retry_policy_calls.self).decide(pointer, $0, &failure, &decision) }
        guard status == HKS_OK else { throw host.failure(status) }
        switch Int(decision.action) {
        case HKS_AGAIN: return decision.delay_ms
        case HKS_GIVE_UP: return nil
        default: throw TestFailure(description: "unknown action \(decision.action)")
        }
    }
}
