import JSON
import PluginAPI
import Ports

/// Calls a component with inputs in guarded memory: reading past an input, writing to one, or reading one after the
/// call that lent it ends the process, and the parent names the rule.
struct BorderCheck {
    private static let rounds = 3

    private let check: ComponentCheck
    private let settings: JSONValue

    init(_ check: ComponentCheck, _ settings: JSONValue) {
        self.check = check
        self.settings = settings
    }

    func checkBounds() throws(Complaint) -> String {
        try callInGuardedMemory(takesBack: false)
        return "inputs are read within their bounds and not written to"
    }

    func checkOwnership() throws(Complaint) -> String {
        try callInGuardedMemory(takesBack: true)
        return "no input is read after the call that lent it"
    }

    private func callInGuardedMemory(takesBack: Bool) throws(Complaint) {
        let services = check.services(settings)
        let table = HostTable(services)
        let memory = GuardedMemory()
        let offer = check.component.offer
        let inputs = HostileInputs.all.prefix(4)

        check.run.step("in create")
        var instance: OpaquePointer?
        services.begin(deadline: .max, context: .sample)
        let status = offer.create(table.pointer, view(settings.serialized(), memory), &instance)
        services.end()
        if takesBack { memory.takeBack() }
        guard status == Status.ok, let instance else { throw Complaint("refuses settings it took before") }

        for round in 1...Self.rounds {
            for input in inputs {
                check.run.step("in round \(round), with \(input.name)")
                services.begin(deadline: .max, context: .sample)
                let status = call(instance, input.bytes, memory)
                services.end()
                if takesBack { memory.takeBack() }
                guard Status.name(status) != nil else {
                    throw Complaint("returned status \(status), which the interface does not have")
                }
            }
        }
        check.run.step("in destroy")
        services.begin(deadline: .max, context: .sample)
        offer.destroy(instance)
        services.end()
    }

    private func call(_ instance: OpaquePointer, _ input: [UInt8], _ memory: GuardedMemory) -> Int32 {
        let call = memory.lend(
            hks_call(
                struct_size: UInt32(MemoryLayout<hks_call>.size), attempt_number: 1,
                deadline_monotonic_ns: monotonicNanoseconds() + 1_000_000_000, tenant_id: id(memory),
                destination_id: id(memory), event_id: id(memory)))
        switch check.component.offer.calls {
        case .transformer(let calls):
            let sink = OutputSink(sizeMax: check.limits.transformedBytes)
            sink.open()
            return calls.apply(instance, call, view(input, memory), memory.lend(sink.pointer.pointee))
        case .authenticator(let calls): return authenticate(calls, instance, call, input, memory)
        case .retryPolicy(let calls):
            var failure = hks_failure()
            failure.struct_size = UInt32(MemoryLayout<hks_failure>.size)
            failure.attempt_number = UInt32(input.count) + 1
            failure.attempts_max = 6
            // A class of a later version, to be read as OTHER.
            failure.outcome = 9_999
            failure.retry_after_ms = -1
            var decision = hks_retry_decision()
            decision.struct_size = UInt32(MemoryLayout<hks_retry_decision>.size)
            return calls.decide(instance, call, memory.lend(failure), &decision)
        }
    }

    private func authenticate(
        _ calls: hks_authenticator_calls, _ instance: OpaquePointer, _ call: UnsafePointer<hks_call>?,
        _ input: [UInt8], _ memory: GuardedMemory
    ) -> Int32 {
        let sink = AuthenticationSink()
        sink.open()
        let header = hks_header(name: text("Content-Type", memory), value: text("application/json", memory))
        let request = hks_request(
            struct_size: UInt32(MemoryLayout<hks_request>.size), header_count: 1, method: text("POST", memory),
            url: text("https://example.com/hook", memory), headers: memory.lend(header), body: view(input, memory))
        let status = calls.authenticate(instance, call, memory.lend(request), memory.lend(sink.pointer.pointee))
        guard status == Status.needFetch, let fetched = calls.fetched else { return status }
        let token = #"{"access_token":"sample","token_type":"Bearer","expires_in":1}"#
        let response = hks_fetch_response(
            struct_size: UInt32(MemoryLayout<hks_fetch_response>.size), http_status: 200, reserved: 0,
            header_count: 1, headers: memory.lend(header), body: text(token, memory))
        return fetched(instance, call, memory.lend(response))
    }

    private func view(_ bytes: [UInt8], _ memory: GuardedMemory) -> hks_bytes {
        hks_bytes(data: memory.lend(bytes), size: UInt64(bytes.count))
    }

    private func text(_ text: String, _ memory: GuardedMemory) -> hks_bytes { view(Array(text.utf8), memory) }

    private func id(_ memory: GuardedMemory) -> hks_bytes { text("01900000-0000-7000-8000-000000000001", memory) }
}
