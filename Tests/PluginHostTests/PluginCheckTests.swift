import Foundation
import Testing

@testable import PluginHost

/// The fault, the check that finds it, and how.
private let caughtFaults: [(fault: String, check: String, reason: String)] = [
    ("create_fails", "create", "refuses settings made from its schema: these settings please nobody"),
    ("create_fails_silently", "create", "refused the settings without a reason; report a sentence first"),
    ("create_without_instance", "create", "returned HKS_OK from create without an instance"),
    ("leaks_instances", "balance", "bytes after 1000 instances were destroyed"),
    ("unknown_status", "work", "returned status 42, which the interface does not have"),
    ("need_from_transformer", "work", "returned HKS_NEED_FETCH from a call that may not"),
    ("fails_without_report", "work", "failed without a reason (HKS_PERMANENT); report a sentence first"),
    ("fails_with_garbage", "work", "reports a sentence that is not UTF-8"),
    ("late", "work", "; 250 ms are allowed"),
    ("emits_twice", "work", "emitted its result twice"),
    ("emits_too_much", "work", "emitted 4194305 bytes; at most 4194304 are allowed"),
    ("emits_nothing", "work", "returned HKS_OK without a result"),
    ("emits_null", "work", "emitted bytes at a null pointer"),
    ("emits_then_fails", "work", "emitted a result and then failed"),
    ("crashes", "work", "crashed with SIGSEGV (with an ordinary JSON object)"),
    ("crashes_on_garbage", "work", "crashed with SIGABRT (with nothing at all)"),
    ("aborts", "work", "crashed with SIGABRT"),
    ("exits", "work", "ended the process, with status 0"),
    ("echoes_secret", "work", "puts a secret setting into the sentence it reports"),
    ("nondeterministic", "repeatability", "gives another result for the same payload"),
    ("keeps_borrowed_input", "ownership", "kept a borrowed input and used it after the call that lent it (SIGSEGV)"),
    ("keeps_call", "ownership", "kept a borrowed input and used it after the call that lent it (SIGSEGV)"),
    ("keeps_settings", "ownership", "kept a borrowed input and used it after the call that lent it (SIGSEGV)"),
    ("reads_past_input", "bounds", "read past a borrowed input or wrote to it (SIGSEGV)"),
    ("writes_to_input", "bounds", "read past a borrowed input or wrote to it (SIGSEGV)"),
    ("fetch_without_need", "work", "asked for a fetch without returning HKS_NEED_FETCH"),
    ("need_without_fetch", "work", "returned HKS_NEED_FETCH without asking for a fetch"),
    ("needs_fetch_without_fetched", "work", "asked for a fetch but has no fetched function"),
    ("fetches_twice", "work", "asked for two fetches in one call"),
    ("fetches_forever", "fetch", "asked for a second fetch in the same attempt"),
    ("takes_any_answer", "fetch", "takes status 500 for a token"),
    ("header_injection", "work", "set the header X-Api-Key to a value with CR, LF or NUL"),
    ("bad_header_name", "work", "set a header whose name is not a token"),
    ("reserved_header", "work", "set the header webhook-signature, which is not a plugin's to set"),
    ("duplicate_header", "work", "set the header x-api-key twice"),
    ("too_many_headers", "work", "set more than 32 headers or 32 KiB of them"),
    ("retry_out_of_range", "work", "asked for a delay of 2678400000 ms"),
    ("retry_unknown_action", "work", "decided on action 7"),
    ("retry_nondeterministic", "repeatability", "decides another way when asked again about the same failure"),
]

private let unloadableFaults = [
    "bad_name", "bad_schema", "bad_version", "duplicate_name", "flags_set", "future_major", "knows_every_kind",
    "long_description", "missing_call", "missing_calls", "missing_create", "missing_destroy", "no_components",
    "no_entry", "no_kind", "null_component", "null_components", "null_entry", "null_get_kind", "schema_not_object",
    "short_calls", "short_component", "short_entry", "short_kind", "too_many_components",
    "unknown_schema_keyword", "unresolved_symbol", "wrong_magic",
]

@Suite("plugin check", .serialized)
struct PluginCheckTests {
    private func report(_ library: String, timeout: Duration = .seconds(30)) -> CheckReport {
        PluginCheck.runInChild(
            executable: "\(BuiltLibraries.directory)/PluginCheckChild", arguments: [library], timeout: timeout)
    }

    @Test("Every fault plugin that loads is caught for its fault", arguments: caughtFaults)
    func caught(fault: String, check: String, reason: String) throws {
        let report = report(BuiltLibraries.path(ofFault: fault))
        #expect(!report.passed)
        let failed = report.findings.filter { !$0.passed }
        let first = try #require(failed.first, "\(report.text)")
        #expect(first.check == check)
        #expect(first.reason.contains(reason), "\(report.text)")
        #expect(first.component == componentName(ofFault: fault))
    }

    @Test("Every fault plugin that does not load is caught by its description", arguments: unloadableFaults)
    func notLoaded(fault: String) {
        let report = report(BuiltLibraries.path(ofFault: fault))
        #expect(report.findings.map(\.check) == ["file", "describe"])
        #expect(report.findings.last?.passed == false)
    }

    @Test("A plugin that hangs is killed and named")
    func hangs() throws {
        let report = report(BuiltLibraries.path(ofFault: "hangs"), timeout: .seconds(2))
        let last = try #require(report.findings.last)
        #expect(last.check == "work")
        #expect(last.reason == "did not come back; the process was killed (with an ordinary JSON object)")
        #expect(!report.passed)
    }

    @Test("No fault plugin is left out of these tables")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: BuiltLibraries.directory)
        let libraries = names.filter { $0.hasPrefix("libFault_") && $0.hasSuffix(".so") }
        let faults = libraries.map { $0.dropFirst(9).dropLast(3) }
        let tried = caughtFaults.map(\.fault) + unloadableFaults + ["hangs", "future_minor", "attacks"]
        #expect(Set(faults.map(String.init)) == Set(tried))
    }

    @Test("A library of a later minor version passes")
    func laterMinor() {
        let report = report(BuiltLibraries.path(ofFault: "future_minor"))
        #expect(report.passed, "\(report.text)")
        #expect(report.text.hasSuffix("passed: 9 checks\n"))
    }

    @Test("Every shipped plugin and both templates pass", arguments: [
        "ApiKey", "BearerToken", "BasicAuth", "JwtBearer", "Mapping", "Schedule", "Exponential", "Fixed", "TemplateC",
        "TemplateSwift", "OAuth2", "SignedJwt", "Hmac", "AwsSigV4", "HttpSignature", "Template",
        "JsonPatch", "Redact",
    ])
    func shipped(name: String) {
        let report = report("\(BuiltLibraries.directory)/lib\(name).so")
        #expect(report.passed, "\(report.text)")
    }

    @Test("A file that is missing or no library is a finding, and so is a process that does not start")
    func noLibrary() throws {
        #expect(report("/nonexistent/libx.so").findings == [
            CheckFinding(
                component: "", check: "file", passed: false, reason: "cannot be read: No such file or directory")
        ])
        let unstarted = PluginCheck.runInChild(executable: "/nonexistent", arguments: [])
        #expect(unstarted.findings.map(\.reason) == [
            "the checking process could not be started: No such file or directory"
        ])
        #expect(!CheckReport(findings: []).passed)
    }
}
