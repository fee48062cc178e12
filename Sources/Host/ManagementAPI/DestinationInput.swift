import Domain
import JSON
import Ports

/// What `POST` and `PATCH /destinations` have in common, read and not yet checked.
struct DestinationInput: Input {
    let url: String?
    let serverRateLimit: Int?
    let status: String?
    let authType: String?
    let credentials: JSONObject?
    let removeAuth: Bool
    let authenticator: Change<PluginInput>
    let transformers: Change<[PluginInput]>
    let retryPolicy: Change<PluginInput>

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        url = try body.text("url")
        serverRateLimit = try body.integer("serverRateLimit")
        status = try body.nameOrNumber("status")
        authType = try body.nameOrNumber("authType")
        credentials = try body.object("credentials")
        removeAuth = try body.boolean("removeAuth") ?? false
        authenticator = try body.change("authenticator")
        transformers = try body.transformers(limit: request.limits.transformersPerDestination)
        retryPolicy = try body.change("retryPolicy")
    }

    /// The status a client may set: breaking a circuit is the breaker's business.
    func checkedStatus() throws(Refusal) -> DestinationStatus? {
        guard let status else { return nil }
        switch DestinationStatus(contract: status) {
        case .active: return .active
        case .inactive: return .inactive
        case .suspended: throw .invalid("status must not be set to suspended: that is the circuit breaker's")
        case nil: throw .invalid("status must be active or inactive")
        }
    }

    /// What becomes of the authenticator, and the short form's type that goes with it.
    ///
    /// current: the destination's type before the change; naming it again without credentials keeps both.
    func authentication(current: OutboundAuthType?) throws(Refusal) -> (
        change: Change<PluginInput>, authType: OutboundAuthType?
    ) {
        if removeAuth { return (.remove, nil) }
        guard let authType else {
            if credentials != nil { throw .invalid("credentials must come with authType") }
            if case .keep = authenticator { return (.keep, current) }
            return (authenticator, nil)
        }
        guard let type = OutboundAuthType(contract: authType) else {
            throw .invalid("authType \(mustBeOneOf(OutboundAuthType.self))")
        }
        switch authenticator {
        case .set(let input):
            // A client that sends back the whole object it was shown names the same plugin in both forms.
            guard credentials == nil, input.plugin.isExactly(type.name) else {
                throw .invalid("authenticator must not be combined with authType and credentials")
            }
            return (authenticator, type)
        case .keep, .remove:
            guard let credentials else {
                guard type == current else { throw .invalid("credentials are required with authType") }
                return (.keep, type)
            }
            return (.set(PluginInput(plugin: type.name, settings: credentials, field: "credentials")), type)
        }
    }
}

/// `GET /destinations`
struct DestinationList: Input {
    let status: DestinationStatus?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        status = try request.choice("Status")
        paging = try Paging(reading: request)
    }
}
