import Domain
import PluginAPI
import Ports

/// An authenticator in this process, as the chain sees it.
final class AuthenticatorAdapter: AuthenticatorInstance {
    private let instance: CreatedInstance
    private let calls: hks_authenticator_calls
    private let sink = AuthenticationSink()
    private let fields = BorrowedFields()
    private var fetchedFor: Attempt?

    /// Which attempt a fetch was made for.
    private struct Attempt: Equatable {
        var event: EventID?
        var number: Int

        init(_ context: PluginCallContext) {
            event = context.eventID
            number = context.attemptNumber
        }
    }

    /// instance: of a component of this kind.
    init(_ instance: CreatedInstance) {
        guard case .authenticator(let calls) = instance.component.offer.calls else {
            preconditionFailure("\(instance.component.title) is not an authenticator")
        }
        self.instance = instance
        self.calls = calls
    }

    var title: String { instance.component.title }

    func authenticate(
        method: String, url: String, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) -> AuthenticationStep {
        sink.open()
        defer { sink.close() }
        var request = hks_request()
        request.struct_size = UInt32(MemoryLayout<hks_request>.size)
        request.header_count = UInt32(headers.count)
        request.headers = fields.layOut(headers, extra: method.utf8.count + url.utf8.count)
        request.method = fields.view(method)
        request.url = fields.view(url)
        return try instance.call(context) { instance, call in
            body.withUnsafeBufferPointer {
                request.body = hks_bytes($0)
                return calls.authenticate(instance, call, &request, sink.pointer)
            }
        } judge: { status throws(PluginFault) in
            try step(status, context)
        }
    }

    private func step(
        _ status: Int32, _ context: PluginCallContext
    ) throws(PluginFault) -> (AuthenticationStep, ComponentMeters.Result) {
        if let rule = sink.brokenRule { throw instance.broken(rule, context) }
        guard status == Status.needFetch else {
            guard sink.fetch == nil else {
                throw instance.broken("asked for a fetch without returning HKS_NEED_FETCH", context)
            }
            guard status == Status.ok else { throw instance.fault(forStatus: status) }
            fetchedFor = nil
            return (.headers(sink.fields), .ok)
        }
        guard let fetch = sink.fetch else {
            throw instance.broken("returned HKS_NEED_FETCH without asking for a fetch", context)
        }
        guard calls.fetched != nil else {
            throw instance.broken("asked for a fetch but has no fetched function", context)
        }
        guard fetchedFor != Attempt(context) else {
            throw instance.broken("asked for a second fetch in the same attempt", context)
        }
        return (.needsFetch(fetch), .needFetch)
    }

    func fetched(
        status: Int, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) {
        guard let take = calls.fetched else {
            throw instance.broken("was given an answer but has no fetched function", context)
        }
        var response = hks_fetch_response()
        response.struct_size = UInt32(MemoryLayout<hks_fetch_response>.size)
        response.http_status = UInt32(clamping: status)
        response.header_count = UInt32(headers.count)
        response.headers = fields.layOut(headers, extra: 0)
        try instance.call(context) { instance, call in
            body.withUnsafeBufferPointer {
                response.body = hks_bytes($0)
                return take(instance, call, &response)
            }
        } judge: { status throws(PluginFault) in
            guard status == Status.ok else { throw instance.fault(forStatus: status) }
            return ((), .ok)
        }
        fetchedFor = Attempt(context)
    }

    func rejected(status: Int, _ context: PluginCallContext) -> Bool {
        guard let reject = calls.rejected else { return false }
        let isRenewable = try? instance.call(context) { instance, call in
            reject(instance, call, UInt32(clamping: status))
        } judge: { status throws(PluginFault) in
            switch status {
            case Status.ok, Status.permanent: return (false, .ok)
            case Status.retryable: return (true, .ok)
            default: throw instance.fault(forStatus: status)
            }
        }
        // The new credential may have to be fetched within the same attempt.
        if isRenewable == true { fetchedFor = nil }
        return isRenewable ?? false
    }
}
