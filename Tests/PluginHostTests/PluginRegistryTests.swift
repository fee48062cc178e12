import Domain
import JSON
import Ports
import Telemetry
import Testing

@testable import PluginHost

/// The shipped plugins through the catalog, as the chain uses them.
@Suite("The catalog over shipped plugins")
struct PluginRegistryTests {
    private static let shipped = {
        let registry = PluginRegistry(
            directories: [BuiltLibraries.directory], ignoredPrefixes: ["libFault_"], metrics: Metrics())
        registry.load()
        return registry
    }()

    private let context = PluginCallContext(
        tenantID: TenantID(high: 1, low: 2), destinationID: DestinationID(high: 3, low: 4),
        eventID: EventID(high: 5, low: 6), attemptNumber: 1)

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("A build folder gives every shipped component and refuses nothing")
    func everything() {
        #expect(Self.shipped.refusals == [])
        let names = Set(Self.shipped.components.map { "\($0.kind.name) \($0.name)" })
        #expect(names.isSuperset(of: [
            "authenticator ApiKey", "authenticator BearerToken", "authenticator BasicAuth", "authenticator JwtBearer",
            "transformer Mapping", "retry policy Schedule", "retry policy Exponential", "retry policy Fixed",
        ]))
    }

    @Test("A plugin in C and one in Swift authenticate alike")
    func authenticate() throws {
        let basic = try Self.shipped.makeAuthenticator(
            "BasicAuth", settings: bytes(#"{"username":"u","password":"p"}"#), storageKey: "a")
        let bearer = try Self.shipped.makeAuthenticator(
            "BearerToken", settings: bytes(#"{"token":"t0ken"}"#), storageKey: "b")
        for (instance, value) in [(basic, "Basic dTpw"), (bearer, "Bearer t0ken")] {
            let step = try instance.authenticate(
                method: "POST", url: "https://example.com/", headers: [], body: bytes("{}"), context)
            #expect(step == .headers([HeaderField("Authorization", value)]))
            #expect(!instance.rejected(status: 401, context))
        }
    }

    @Test("A fetched token outlives its instance as long as the storage key stays")
    func token() throws {
        let settings = bytes(
            #"{"tokenEndpoint":"https://id.example.com/token","clientId":"c","clientSecret":"s3cret"}"#)
        func make(_ key: String) throws -> any AuthenticatorInstance {
            try Self.shipped.makeAuthenticator("JwtBearer", settings: settings, storageKey: key)
        }
        func authenticate(_ instance: any AuthenticatorInstance) throws -> AuthenticationStep {
            try instance.authenticate(method: "POST", url: "https://example.com/", headers: [], body: [], context)
        }
        let first = try make("token test")
        guard case .needsFetch(let request) = try authenticate(first) else {
            Issue.record("no fetch was asked for")
            return
        }
        #expect(request.url == "https://id.example.com/token")
        #expect(request.method == "POST")
        let answer = bytes(#"{"access_token":"abc","token_type":"Bearer","expires_in":3600}"#)
        let headers = [HeaderField("Content-Type", "application/json")]
        try first.fetched(status: 200, headers: headers, body: answer, context)
        let expected = AuthenticationStep.headers([HeaderField("Authorization", "Bearer abc")])
        #expect(try authenticate(first) == expected)
        #expect(try authenticate(make("token test")) == expected)
        guard case .needsFetch = try authenticate(make("another key")) else {
            Issue.record("a token was found under another key")
            return
        }
        #expect(first.rejected(status: 401, context))
        guard case .needsFetch = try authenticate(first) else {
            Issue.record("the refused token was used again")
            return
        }
    }

    @Test("Settings that break the schema never reach create, and the sentence names the field")
    func validation() throws {
        do throws(PluginFault) {
            try Self.shipped.validate(.authenticator, plugin: "BearerToken", settings: bytes(#"{"token":5}"#))
            Issue.record("the settings were accepted")
        } catch {
            #expect(error.cause == .invalidSettings)
            #expect(error.component == "BearerToken")
            #expect(error.sentence == "token must be a text")
        }
    }

    @Test("Redaction hides what the schema calls secret, and everything of a component that is gone")
    func redaction() {
        func redacted(_ plugin: String, _ settings: String) -> String {
            let shown = Self.shipped.redacted(.authenticator, plugin: plugin, settings: bytes(settings))
            return String(decoding: shown, as: UTF8.self)
        }
        #expect(redacted("BasicAuth", #"{"username":"u","password":"p"}"#) == #"{"username":"u","password":"***"}"#)
        #expect(redacted("Gone", #"{"username":"u","n":1}"#) == #"{"username":"***","n":"***"}"#)
        #expect(redacted("BasicAuth", "garbage") == "{}")
    }

    @Test("A retry policy decides")
    func decide() throws {
        let settings = bytes(#"{"delaySeconds":1.5}"#)
        let policy = try Self.shipped.makeRetryPolicy("Fixed", settings: settings, storageKey: "f")
        let failure = RetryFailure(
            attemptNumber: 1, attemptsMax: 6, outcome: .timeout, httpStatus: 0, retryAfter: nil, elapsed: .zero,
            random: 0)
        #expect(try policy.decide(failure, context) == .again(after: .milliseconds(1_500)))
    }

    @Test("The inventory lists components in columns, refusals with reasons, and skipped libraries if asked")
    func inventory() throws {
        let directory = try TemporaryDirectory()
        try directory.add(fault: "future_minor")
        try directory.add(fault: "wrong_magic")
        try directory.add(fault: "no_entry")
        let registry = PluginRegistry(directories: [directory.path])
        registry.load()
        let inventory = PluginInventory(registry)
        let lines = inventory.text().split(separator: "\n")
        let digest = try #require(registry.components.first).digest.prefix(16)
        #expect(lines == [
            "COMPONENT           KIND         VERSION  RUNS         SHA-256           LIBRARY",
            "Fault.future-minor  transformer  1.0.0    in the host  \(digest)  \(directory.path)/libfuture_minor.so",
            "refused: \(directory.path)/libwrong_magic.so: it is not a HookSentry plugin: "
                + "its entry begins with 0x12345678",
        ])
        let long = inventory.text(includingSkipped: true) { _ in "2 destinations" }
        #expect(long.contains("transformer  1.0.0    2 destinations  "))
        #expect(long.hasSuffix("skipped: \(directory.path)/libno_entry.so: it has no hks_plugin_entry: not a plugin\n"))
    }

    @Test("Many instances are used on many threads, each on one at a time")
    func threads() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                group.addTask {
                    var count = 0
                    for round in 0..<50 {
                        let instance = try Self.shipped.makeAuthenticator(
                            "BearerToken", settings: Array(#"{"token":"t\#(number)"}"#.utf8), storageKey: "\(round)")
                        let step = try instance.authenticate(
                            method: "POST", url: "https://example.com/", headers: [], body: [], PluginCallContext())
                        if step == .headers([HeaderField("Authorization", "Bearer t\(number)")]) { count += 1 }
                    }
                    return count
                }
            }
            for try await count in group { #expect(count == 50) }
        }
    }
}
