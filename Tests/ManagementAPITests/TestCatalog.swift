import Domain
import Glibc
import JSON
import Ports

/// Four authenticators, two transformers and two retry policies with the rules that these tests need; `create` runs
/// nothing.
struct TestCatalog: PluginCatalog {
    static let mask = "********"
    private static let schemas: [(kind: PluginKind, name: String, fields: [(name: String, secret: Bool)])] = [
        (.authenticator, "ApiKey", [("headerName", false), ("value", true)]),
        (.authenticator, "BearerToken", [("token", true)]),
        (.authenticator, "JwtBearer", [("tokenEndpoint", false), ("clientId", false), ("clientSecret", true)]),
        (.authenticator, "BasicAuth", [("username", false), ("password", true)]),
        (.transformer, "Salt", [("note", false), ("salt", true)]),
        (.transformer, "Plain", []),
        (.retryPolicy, "Fixed", [("delaySeconds", false)]),
        (.retryPolicy, "Stuck", []),
    ]

    let generation = 1

    var components: [PluginDescription] {
        Self.schemas.map { kind, name, fields in
            let properties = fields.map { field -> (name: String, value: JSONValue) in
                (field.name, field.secret ? ["type": "string", "writeOnly": true] : ["type": "string"])
            }
            let schema: JSONValue = ["type": "object", "properties": .object(JSONObject(properties))]
            return PluginDescription(
                name: name, kind: kind, version: "1.0.0", description: "For tests.",
                settingsSchema: schema.serialized(), library: "/nowhere/lib\(name).so", digest: "")
        }
    }

    /// Every field is required and must not be blank. With a field `hangs` it never comes back.
    func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault) {
        guard let schema = Self.schemas.first(where: { $0.kind == kind && $0.name == plugin }) else {
            throw PluginFault(component: plugin, cause: .missing, sentence: "there is no \(kind.name) named \(plugin)")
        }
        let members = (try? JSONValue(parsing: settings))?.members ?? JSONObject([])
        while members["hangs"] != nil { Self.waitForever() }
        for field in schema.fields where members[field.name] == nil || members[field.name]?.text == "" {
            throw PluginFault(component: plugin, cause: .invalidSettings, sentence: "\(field.name) is required")
        }
    }

    func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8] {
        guard var members = (try? JSONValue(parsing: settings))?.members,
            let schema = Self.schemas.first(where: { $0.kind == kind && $0.name == plugin })
        else { return Array("{}".utf8) }
        for index in members.members.indices
        where schema.fields.contains(where: { $0.secret && $0.name == members.members[index].name }) {
            members.members[index].value = .string(Self.mask)
        }
        return JSONValue.object(members).serialized()
    }

    func makeTransformer(
        _ plugin: String, settings: [UInt8], storageKey: String
    ) throws(PluginFault) -> any TransformerInstance {
        try validate(.transformer, plugin: plugin, settings: settings)
        return Echo()
    }

    func makeAuthenticator(
        _ plugin: String, settings: [UInt8], storageKey: String
    ) throws(PluginFault) -> any AuthenticatorInstance { throw noInstances(plugin) }

    func makeRetryPolicy(
        _ plugin: String, settings: [UInt8], storageKey: String
    ) throws(PluginFault) -> any RetryPolicyInstance {
        try validate(.retryPolicy, plugin: plugin, settings: settings)
        return TestPolicy(title: plugin, delay: (try? JSONValue(parsing: settings))?.members?["delaySeconds"]?.integer)
    }

    /// Until a signal comes.
    static func waitForever() { pause() }

    private func noInstances(_ plugin: String) -> PluginFault {
        PluginFault(component: plugin, cause: .missing, sentence: "the management API makes no such instances")
    }
}

/// Waits its settings' delay, plus up to 999 ms by chance; gives up on 410, breaks a rule after a timeout. Without a
/// delay it never comes back.
private final class TestPolicy: RetryPolicyInstance {
    let title: String
    let delay: Int?

    init(title: String, delay: Int?) {
        self.title = title
        self.delay = delay
    }

    func decide(_ failure: RetryFailure, _ context: PluginCallContext) throws(PluginFault) -> RetryDecision {
        guard let delay else {
            while true { TestCatalog.waitForever() }
        }
        switch failure.outcome {
        case .gone: return .giveUp
        case .timeout: throw PluginFault(component: title, cause: .fault, sentence: "\(title) decided on action 7")
        default: break
        }
        let wish = failure.retryAfter ?? .seconds(delay)
        return .again(after: wish + .milliseconds(Int64(failure.random % 1_000)))
    }
}

/// Gives back what it gets.
private final class Echo: TransformerInstance {
    let title = "Salt 1.0.0"
    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        TransformedPayload(payload, contentType: "text/plain")
    }
}
