import CSandbox
import Domain
import Foundation
import Ports
import Testing

@testable import PluginHost

@Suite("What an isolated plugin cannot do")
struct ConfinementTests {
    private static let attacker = Result { try Attacker(limits: .quick) }

    @Test("Files, sockets, threads and shared memory are refused, and the plugin lives on", arguments: [
        ("socket", "EPERM"), ("write", "ENOENT"), ("read", "ENOENT"), ("stat", "ENOENT"), ("stat at", "ENOENT"),
        ("share", "EPERM"), ("grow down", "EPERM"), ("remap", "EPERM"),
        ("limit", "EPERM"), ("thread", "EAGAIN"),
    ])
    func refused(action: String, reason: String) throws {
        let found = try Self.attacker.get().fault(action)
        #expect(found?.sentence == "Fault.attacks: \(action): \(reason)")
        #expect(found?.cause == .permanent)
    }

    @Test("Where the kernel has Landlock, its initialisers can read nothing but libraries")
    func early() throws {
        let rules = sandbox_landlock_begin()
        guard rules >= 0 else { return }
        close(rules)
        let sentence = try #require(try Self.attacker.get().fault("read early")).sentence
        #expect(sentence.hasPrefix("Fault.attacks: read early: ") && !sentence.hasSuffix("allowed"))
    }

    @Test("Its initialisers get no memory that its limit does not count")
    func earlyMemory() throws {
        let sentence = try #require(try Self.attacker.get().fault("share early")).sentence
        #expect(sentence.hasPrefix("Fault.attacks: share early: ") && !sentence.hasSuffix("allowed"))
    }

    @Test("Memory can be reallocated all the same")
    func reallocation() throws {
        // More than the threads' stacks have left of the usual limit of tests.
        var limits = Limits.quick
        limits.pluginMemoryBytes = 64 << 20
        #expect(try Attacker(limits: limits).applied("reallocate", to: []) == [7])
    }

    @Test("It inherits no environment and no descriptor")
    func inheritance() throws {
        setenv("HOOKSENTRY_MASTER_KEY", "a secret", 1)
        defer { unsetenv("HOOKSENTRY_MASTER_KEY") }
        let attacker = try Attacker(limits: .quick)
        let environment = String(decoding: try attacker.applied("environment", to: []), as: UTF8.self)
        let names = environment.split(separator: "\n").map { $0.prefix { $0 != "=" } }
        #expect(Set(names).isSubset(of: ["SWIFT_BACKTRACE", "LD_LIBRARY_PATH"]))
        #expect(try attacker.applied("descriptors", to: []) == Array("012".utf8))
    }

    @Test("Plugins in Swift and in C work in it as they do in the host")
    func shipped() throws {
        let registry = PluginRegistry(
            directories: [BuiltLibraries.directory], ignoredPrefixes: ["libFault_"], isolation: .ofTests(.process))
        registry.load()
        #expect(registry.refusals == [])
        #expect(!registry.components.contains { !$0.isIsolated })
        let bearer = try registry.makeAuthenticator(
            "BearerToken", settings: Array(#"{"token":"t0ken"}"#.utf8), storageKey: "a")
        let basic = try registry.makeAuthenticator(
            "BasicAuth", settings: Array(#"{"username":"u","password":"p"}"#.utf8), storageKey: "b")
        for (instance, value) in [(bearer, "Bearer t0ken"), (basic, "Basic dTpw")] {
            let step = try instance.authenticate(
                method: "POST", url: "https://example.com/", headers: [HeaderField("A", "b")], body: [1],
                PluginCallContext(attemptNumber: 1))
            #expect(step == .headers([HeaderField("Authorization", value)]))
        }
        let mapping = try registry.makeTransformer(
            "Mapping", settings: Array(#"{"number":"a"}"#.utf8), storageKey: "c")
        let output = try mapping.apply(Array(#"{"a":1.10}"#.utf8), PluginCallContext())
        #expect(String(decoding: output, as: UTF8.self) == #"{"number":1.10}"#)
        let schedule = try registry.makeRetryPolicy("Schedule", settings: Array("{}".utf8), storageKey: "d")
        let failure = RetryFailure(
            attemptNumber: 1, attemptsMax: 6, outcome: .timeout, httpStatus: 0, retryAfter: nil, elapsed: .zero,
            random: 7)
        guard case .again(let delay) = try schedule.decide(failure, PluginCallContext()) else {
            Issue.record("the schedule gives up at once")
            return
        }
        #expect(delay > .zero)
        registry.stop()
        #expect(throws: PluginFault.self) { try schedule.decide(failure, PluginCallContext()) }
    }
}
