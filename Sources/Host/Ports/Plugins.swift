import Domain

/// What can be asked of a plugin component, wherever its instances run.
package enum PluginKind: String, Sendable, CaseIterable {
    case authenticator = "hks.authenticator/1"
    case transformer = "hks.transformer/1"
    case retryPolicy = "hks.retry-policy/1"

    /// For sentences and metric labels.
    package var name: String {
        switch self {
        case .authenticator: "authenticator"
        case .transformer: "transformer"
        case .retryPolicy: "retry policy"
        }
    }

    /// In documents, on the command line, and as a part of the identity that settings are sealed for.
    package var word: String {
        switch self {
        case .authenticator: "authenticator"
        case .transformer: "transformer"
        case .retryPolicy: "retry-policy"
        }
    }
}

extension PluginKind {
    /// The kind's part in the identity its settings are sealed for.
    package var sealName: String {
        switch self {
        case .authenticator: "authenticator"
        case .transformer: "transformer"
        case .retryPolicy: "retry-policy"
        }
    }
}

/// A plugin did not do its job; the sentence says which, and why, in words for the tenant.
package struct PluginFault: Error, Sendable, Equatable {
    package enum Cause: String, Sendable, CaseIterable {
        /// No library offers the component.
        case missing
        /// The settings break the schema, or `create` refused them.
        case invalidSettings = "invalid_settings"
        case retryable
        case permanent
        /// The plugin said so itself, or broke a rule of the interface.
        case fault
        case overrun
        /// Its process ended during the call.
        case crash
        /// The call was not made and says nothing about the work: it can be made again after `retryAfter`.
        case unavailable
    }

    package var component: String
    package var cause: Cause
    package var sentence: String
    /// Byte offset into the settings or payload the sentence is about.
    package var position: Int?
    /// With `unavailable`, and with `missing`: when to look again.
    package var retryAfter: Duration?

    package init(
        component: String, cause: Cause, sentence: String, position: Int? = nil, retryAfter: Duration? = nil
    ) {
        self.component = component
        self.cause = cause
        self.sentence = sentence
        self.position = position
        self.retryAfter = retryAfter
    }
}

/// The work a call is about; every field may be nil outside an attempt.
package struct PluginCallContext: Sendable {
    package var tenantID: TenantID?
    package var destinationID: DestinationID?
    package var eventID: EventID?
    /// From 1; 0 outside an attempt.
    package var attemptNumber: Int

    package init(
        tenantID: TenantID? = nil, destinationID: DestinationID? = nil, eventID: EventID? = nil, attemptNumber: Int = 0
    ) {
        self.tenantID = tenantID
        self.destinationID = destinationID
        self.eventID = eventID
        self.attemptNumber = attemptNumber
    }
}

/// One configured component. Calls to one instance must not overlap: whoever holds it sees to that. Blocking, in
/// the sense that foreign code runs.
package protocol PluginInstance: AnyObject {
    /// `Mapping 1.0.0`.
    var title: String { get }
}

package protocol TransformerInstance: PluginInstance {
    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload
}

extension TransformerInstance {
    /// For whom the type is of no interest.
    package func apply(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> [UInt8] {
        try transform(payload, context).bytes
    }
}

package enum AuthenticationStep: Sendable, Equatable {
    case headers([HeaderField])
    /// Make this request, hand the answer to `fetched`, then authenticate again.
    case needsFetch(FetchRequest)
}

package struct FetchRequest: Sendable, Equatable {
    package var method: String
    package var url: String
    package var headers: [HeaderField]
    package var body: [UInt8]

    package init(method: String, url: String, headers: [HeaderField], body: [UInt8]) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

package protocol AuthenticatorInstance: PluginInstance {
    func authenticate(
        method: String, url: String, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext
    ) throws(PluginFault) -> AuthenticationStep
    func fetched(status: Int, headers: [HeaderField], body: [UInt8], _ context: PluginCallContext) throws(PluginFault)
    /// The destination answered 401. True: a new credential can be had, try again at once.
    func rejected(status: Int, _ context: PluginCallContext) -> Bool
}

package struct RetryFailure: Sendable, Equatable {
    /// From 1.
    package var attemptNumber: Int
    package var attemptsMax: Int
    package var outcome: OutcomeClass
    package var httpStatus: Int
    package var retryAfter: Duration?
    /// Since the event was accepted.
    package var elapsed: Duration
    package var random: UInt64

    package init(
        attemptNumber: Int, attemptsMax: Int, outcome: OutcomeClass, httpStatus: Int, retryAfter: Duration?,
        elapsed: Duration, random: UInt64
    ) {
        self.attemptNumber = attemptNumber
        self.attemptsMax = attemptsMax
        self.outcome = outcome
        self.httpStatus = httpStatus
        self.retryAfter = retryAfter
        self.elapsed = elapsed
        self.random = random
    }
}

package enum RetryDecision: Sendable, Equatable {
    case again(after: Duration)
    case giveUp
}

package protocol RetryPolicyInstance: PluginInstance {
    func decide(_ failure: RetryFailure, _ context: PluginCallContext) throws(PluginFault) -> RetryDecision
}

/// A component as tenants and operators see it.
package struct PluginDescription: Sendable {
    /// A name is a letter and what follows of letters, digits, '_', '-' and '.', all ASCII.
    package static let nameBytesMax = 60

    package var name: String
    package var kind: PluginKind
    package var version: String
    package var description: String
    /// JSON Schema of its settings, as the library gave it.
    package var settingsSchema: [UInt8]
    /// Absolute path of the library.
    package var library: String
    /// SHA-256 of the file, lower-case hex.
    package var digest: String
    /// Its instances run in a process of their own.
    package var isIsolated: Bool

    package init(
        name: String, kind: PluginKind, version: String, description: String, settingsSchema: [UInt8], library: String,
        digest: String, isIsolated: Bool = false
    ) {
        self.name = name
        self.kind = kind
        self.version = version
        self.description = description
        self.settingsSchema = settingsSchema
        self.library = library
        self.digest = digest
        self.isIsolated = isIsolated
    }
}

/// All components that are loaded. Sendable; making an instance runs the plugin's `create` on the calling thread.
package protocol PluginCatalog: Sendable {
    var components: [PluginDescription] { get }

    /// Rises when components were loaded, replaced or removed: instances of before still work, and should be made
    /// anew. Cheap enough to ask before every event.
    var generation: Int { get }

    /// Checks settings against the schema and, by making and dropping an instance, against the plugin itself. The
    /// fault's sentence names the offending field.
    func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault)

    /// The settings with every secret field's value replaced (`writeOnly` in the schema), to be shown.
    func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8]

    /// A new instance. settings: one JSON object. storageKey: names the instance's storage; the same key finds the
    /// tokens of an earlier instance again (destination, component and settings version).
    func makeTransformer(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any TransformerInstance
    func makeAuthenticator(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any AuthenticatorInstance
    func makeRetryPolicy(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any RetryPolicyInstance
}
