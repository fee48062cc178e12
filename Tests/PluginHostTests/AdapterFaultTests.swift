import Domain
import Foundation
import Ports
import Telemetry
import Testing

@testable import PluginHost

@Suite("A plugin that breaks a rule fails its attempt, with a sentence")
struct AdapterFaultTests {
    private static let settings = Array(#"{}"#.utf8)

    private func fault(_ body: () throws -> Void) -> PluginFault? {
        do {
            try body()
            Issue.record("the call succeeded")
            return nil
        } catch {
            return error as? PluginFault
        }
    }

    @Test("Transformers", arguments: [
        ("unknown_status", PluginFault.Cause.fault, "returned status 42, which the interface does not have"),
        ("need_from_transformer", .fault, "returned HKS_NEED_FETCH from a call that may not"),
        ("fails_without_report", .permanent, "failed without a reason (HKS_PERMANENT)"),
        ("emits_twice", .fault, "emitted its result twice"),
        ("emits_too_much", .fault, "emitted 4097 bytes; at most 4096 are allowed"),
        ("emits_nothing", .fault, "returned HKS_OK without a result"),
        ("emits_null", .fault, "emitted bytes at a null pointer"),
        ("emits_then_fails", .fault, "emitted a result and then failed"),
        ("bad_content_type", .fault, "said that its result is of a type that is no media type"),
    ], PluginIsolation.Mode.allCases)
    func transformer(
        _ fault: (name: String, cause: PluginFault.Cause, rule: String), mode: PluginIsolation.Mode
    ) throws {
        let (name, cause, rule) = fault
        var limits = Limits()
        limits.transformedBytes = 4_096
        let metrics = Metrics()
        let registry = try makeRegistry(name, limits: limits, mode: mode, metrics: metrics)
        let component = componentName(ofFault: name)
        let instance = try registry.makeTransformer(component, settings: Self.settings, storageKey: "k")
        for _ in 1...2 {
            let found = self.fault { _ = try instance.apply(Array("{}".utf8), PluginCallContext(attemptNumber: 1)) }
            #expect(found == PluginFault(component: component, cause: cause, sentence: "\(component) \(rule)"))
        }
        let line = #"{component="\#(component)",kind="transformer",result="\#(cause.rawValue)"} 2"#
        #expect(metrics.exposition().contains(line))
    }

    @Test("Authenticators", arguments: [
        ("fetch_without_need", "asked for a fetch without returning HKS_NEED_FETCH"),
        ("need_without_fetch", "returned HKS_NEED_FETCH without asking for a fetch"),
        ("fetches_twice", "asked for two fetches in one call"),
        ("needs_fetch_without_fetched", "asked for a fetch but has no fetched function"),
        ("header_injection", "set the header X-Api-Key to a value with CR, LF or NUL"),
        ("bad_header_name", "set a header whose name is not a token"),
        ("reserved_header", "set the header webhook-signature, which is not a plugin's to set"),
        ("duplicate_header", "set the header x-api-key twice"),
        ("too_many_headers", "set more than 32 headers or 32 KiB of them"),
    ], PluginIsolation.Mode.allCases)
    func authenticator(_ fault: (name: String, rule: String), mode: PluginIsolation.Mode) throws {
        let (name, rule) = fault
        let registry = try makeRegistry(name, mode: mode)
        let component = componentName(ofFault: name)
        let instance = try registry.makeAuthenticator(component, settings: Self.settings, storageKey: "k")
        let found = self.fault {
            _ = try instance.authenticate(
                method: "POST", url: "https://example.com/", headers: [], body: [], PluginCallContext())
        }
        #expect(found == PluginFault(component: component, cause: .fault, sentence: "\(component) \(rule)"))
    }

    @Test("A second fetch in one attempt is a fault; in the next attempt, or after a rejection, it is not",
        arguments: PluginIsolation.Mode.allCases)
    func secondFetch(mode: PluginIsolation.Mode) throws {
        let registry = try makeRegistry("fetches_forever", mode: mode)
        let instance = try registry.makeAuthenticator("Fault.fetches-forever", settings: Self.settings, storageKey: "k")
        func authenticate(_ attempt: Int) throws -> AuthenticationStep {
            try instance.authenticate(
                method: "POST", url: "https://example.com/", headers: [HeaderField("A", "b")], body: [1],
                PluginCallContext(attemptNumber: attempt))
        }
        let request = FetchRequest(
            method: "POST", url: "https://example.com/token", headers: [],
            body: Array("grant_type=client_credentials".utf8))
        #expect(try authenticate(1) == .needsFetch(request))
        try instance.fetched(status: 200, headers: [], body: Array("{}".utf8), PluginCallContext(attemptNumber: 1))
        #expect(fault { _ = try authenticate(1) }?.sentence
            == "Fault.fetches-forever asked for a second fetch in the same attempt")
        #expect(try authenticate(2) == .needsFetch(request))
        let refused = fault { try instance.fetched(status: 500, headers: [], body: [], PluginCallContext()) }
        #expect(refused?.sentence == "Fault.fetches-forever: the token endpoint did not answer with a token")
        #expect(refused?.cause == .retryable)
    }

    @Test("Retry policies", arguments: [
        ("retry_out_of_range", "asked for a delay of 2678400000 ms; 0 to 2592000000 are allowed"),
        ("retry_unknown_action", "decided on action 7, which the interface does not have"),
    ], PluginIsolation.Mode.allCases)
    func retryPolicy(_ fault: (name: String, rule: String), mode: PluginIsolation.Mode) throws {
        let (name, rule) = fault
        let registry = try makeRegistry(name, mode: mode)
        let component = componentName(ofFault: name)
        let instance = try registry.makeRetryPolicy(component, settings: Self.settings, storageKey: "k")
        let failure = RetryFailure(
            attemptNumber: 1, attemptsMax: 6, outcome: .timeout, httpStatus: 0, retryAfter: nil, elapsed: .zero,
            random: 7)
        let found = self.fault { _ = try instance.decide(failure, PluginCallContext()) }
        #expect(found == PluginFault(component: component, cause: .fault, sentence: "\(component) \(rule)"))
    }

    @Test("create that fails", arguments: [
        ("create_fails", PluginFault.Cause.invalidSettings, "these settings please nobody", Optional(3)),
        ("create_fails_silently", .invalidSettings,
            "Fault.create-fails-silently refused the settings without a reason", nil),
        ("create_without_instance", .fault,
            "Fault.create-without-instance returned HKS_OK from create without an instance", nil),
    ], PluginIsolation.Mode.allCases)
    func create(
        _ fault: (name: String, cause: PluginFault.Cause, sentence: String, position: Int?),
        mode: PluginIsolation.Mode
    ) throws {
        let (name, cause, sentence, position) = fault
        let registry = try makeRegistry(name, mode: mode)
        let component = componentName(ofFault: name)
        let found = self.fault { try registry.validate(.transformer, plugin: component, settings: Self.settings) }
        #expect(found == PluginFault(component: component, cause: cause, sentence: sentence, position: position))
    }

    @Test("A call that returns late has failed, and the third in a row takes the instance out of service")
    func late() throws {
        var limits = Limits()
        limits.pluginCall = .milliseconds(5)
        let metrics = Metrics()
        let registry = try makeRegistry("late", limits: limits, metrics: metrics)
        let instance = try registry.makeTransformer("Fault.late", settings: Self.settings, storageKey: "k")
        for _ in 1...3 {
            let found = try #require(fault { _ = try instance.apply([1], PluginCallContext()) })
            #expect(found.cause == .overrun)
            #expect(found.sentence.hasPrefix("Fault.late took ") && found.sentence.hasSuffix("; 5 ms are allowed"))
        }
        let refused = try #require(fault { _ = try instance.apply([1], PluginCallContext()) })
        #expect(refused.cause == .overrun)
        #expect(refused.sentence.hasPrefix("Fault.late is out of service for another "))
        #expect(metrics.exposition().contains(#"result="out_of_service"} 1"#))
    }

    @Test("A secret does not get into a sentence", arguments: PluginIsolation.Mode.allCases)
    func secret(mode: PluginIsolation.Mode) throws {
        let registry = try makeRegistry("echoes_secret", mode: mode)
        let settings = Array(#"{"password":"tell \"nobody\" this"}"#.utf8)
        let instance = try registry.makeTransformer("Fault.echoes-secret", settings: settings, storageKey: "k")
        let found = fault { _ = try instance.apply([1], PluginCallContext()) }
        #expect(found?.sentence == #"Fault.echoes-secret: {"password":"***"}"#)
    }

    @Test("A sentence is made fit for people: UTF-8, without control characters, bounded",
        arguments: PluginIsolation.Mode.allCases)
    func garbage(mode: PluginIsolation.Mode) throws {
        let registry = try makeRegistry("fails_with_garbage", mode: mode)
        let component = "Fault.fails-with-garbage"
        let instance = try registry.makeTransformer(component, settings: Self.settings, storageKey: "k")
        let sentence = try #require(fault { _ = try instance.apply([1], PluginCallContext()) }).sentence
        #expect(sentence.hasPrefix("Fault.fails-with-garbage: line one  line two [31"))
        #expect(!sentence.unicodeScalars.contains { $0.value < 32 })
        #expect(sentence.unicodeScalars.count < 600)
    }

    @Test("A component that nobody offers is missing")
    func missing() throws {
        let registry = try makeRegistry()
        let found = fault { try registry.validate(.authenticator, plugin: "Nope", settings: Self.settings) }
        #expect(found?.cause == .missing && found?.retryAfter == .seconds(10))
        #expect(found?.sentence == "no loaded library offers the authenticator Nope")
    }
}
