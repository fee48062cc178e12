import Domain
import Ports

/// A transformer in a child, as the chain sees it.
final class IsolatedTransformer: TransformerInstance {
    private let instance: IsolatedInstance
    private let sizeMax: Int

    init(_ instance: IsolatedInstance, sizeMax: Int) {
        self.instance = instance
        self.sizeMax = sizeMax
    }

    var title: String { instance.component.title }

    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        try instance.call(.apply(payload), context) { result throws(PluginFault) in
            guard case .payload(let output) = result else { throw instance.nonsense(context) }
            guard output.bytes.count <= sizeMax else {
                throw instance.broken("emitted \(output.bytes.count) bytes; at most \(sizeMax) are allowed", context)
            }
            // The child's word is not enough.
            guard output.contentType.map({ MediaType.isMediaType($0.utf8) }) ?? true else {
                throw instance.nonsense(context)
            }
            return (output, .ok)
        }
    }
}

/// A retry policy in a child, as the chain sees it.
final class IsolatedRetryPolicy: RetryPolicyInstance {
    private let instance: IsolatedInstance

    init(_ instance: IsolatedInstance) { self.instance = instance }

    var title: String { instance.component.title }

    func decide(_ failure: RetryFailure, _ context: PluginCallContext) throws(PluginFault) -> RetryDecision {
        // The attempt has been made: without an answer it would be another policy's.
        try instance.call(.decide(failure), context, waitsForStart: true) { result throws(PluginFault) in
            guard case .decision(let decision) = result else { throw instance.nonsense(context) }
            return (decision, .ok)
        }
    }
}

/// An authenticator in a child, as the chain sees it. What it answers is held against the rules again: the child's
/// word is not enough.
final class IsolatedAuthenticator: AuthenticatorInstance {
    private let instance: IsolatedInstance

    init(_ instance: IsolatedInstance) { self.instance = instance }

    var title: String { instance.component.title }

    func authenticate(
        method: String, url: String, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) -> AuthenticationStep {
        let work = CallRequest.Work.authenticate(method: method, url: url, headers: headers, body: body)
        return try instance.call(work, context) { result throws(PluginFault) in
            switch result {
            case .headers(let added):
                if let rule = HeaderRules.brokenRule(added, allowsReserved: false) {
                    throw instance.broken(rule, context)
                }
                return (.headers(added), .ok)
            case .needsFetch(let request):
                if let rule = FetchRules.brokenRule(request) { throw instance.broken(rule, context) }
                return (.needsFetch(request), .needFetch)
            default: throw instance.nonsense(context)
            }
        }
    }

    func fetched(
        status: Int, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) {
        let work = CallRequest.Work.fetched(status: status, headers: headers, body: body)
        try instance.call(work, context) { result throws(PluginFault) in
            guard case .done = result else { throw instance.nonsense(context) }
            return ((), .ok)
        }
    }

    func rejected(status: Int, _ context: PluginCallContext) -> Bool {
        do {
            return try instance.call(.rejected(status: status), context) { result throws(PluginFault) in
                guard case .renewable(let isRenewable) = result else { throw instance.nonsense(context) }
                return (isRenewable, .ok)
            }
        } catch {
            // Nothing was asked of it: asked to authenticate again, the plugin says what there is to say. One that
            // ended its process over the question has answered it.
            return error.cause == .unavailable
        }
    }
}
