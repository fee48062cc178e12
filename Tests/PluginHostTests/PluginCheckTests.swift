import Foundation
import JSON
import Testing

@testable import PluginHost

/// The fault, the check that finds it, and how.
private let caughtFaults: [(fault: String, check: String, reason: String)] = [
    ("reason_changes", "settings", "answers the same settings once one way and once another"),
    ("refuses_with_wrong_status", "settings", "with HKS_RETRYABLE, where HKS_INVALID_SETTINGS belongs"),
    ("crashes_on_broken_settings", "broken-settings", "crashed with SIGABRT (settings"),
    ("leaks_pages", "balance", "KiB of pages after 500 instances were destroyed"),
    ("leaks_calls", "call-balance", "bytes after 500 instances that had worked were destroyed"),
    ("logs_secret", "secrets", "puts a secret setting into a log line"),
    ("echoes_encoded_secret", "secrets", "puts a secret setting into the sentence it reports, in hexadecimal"),
    ("injects_setting", "injection", "set the header X-Note to a value with CR, LF or NUL"),
    ("sleeps_past_deadline", "deadline", "after its deadline had passed"),
    ("shares_state", "concurrency", "gives another result while instances are at work on other threads"),
    ("starts_thread", "footprint", "left 1 threads running"),
    ("opens_file", "footprint", "left 1 files open, /etc/passwd for one"),
    ("handles_signal", "footprint", "installed a handler for signal 15"),
    ("create_fails", "create", "refuses settings made from its schema: these settings please nobody"),
    ("create_fails_silently", "create", "refused the settings without a reason; report a sentence first"),
    ("create_without_instance", "create", "returned HKS_OK from create without an instance"),
    ("leaks_instances", "balance", "bytes after 500 instances were destroyed"),
    ("unknown_status", "work", "returned status 42, which the interface does not have"),
    ("need_from_transformer", "work", "returned HKS_NEED_FETCH from a call that may not"),
    ("fails_without_report", "work", "failed without a reason (HKS_PERMANENT); report a sentence first"),
    ("fails_with_garbage", "work", "reports a sentence that is not UTF-8"),
    ("late", "work", "; 250 ms are allowed"),
    ("emits_twice", "work", "emitted its result twice"),
    ("emits_too_much", "work", "emitted 4194305 bytes; at most 4194304 are allowed"),
    ("emits_nothing", "work", "returned HKS_OK without a result"),
    ("hides_its_failure", "work", "returned HKS_OK without a result"),
    ("emits_null", "work", "emitted bytes at a null pointer"),
    ("emits_then_fails", "work", "emitted a result and then failed"),
    ("crashes", "work", "crashed with SIGSEGV (with an ordinary JSON object)"),
    ("crashes_on_garbage", "work", "crashed with SIGABRT (with nothing at all)"),
    ("crashes_on_rejection", "work", "crashed with SIGSEGV (rejected with 401)"),
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
    ("bad_content_type", "work", "said that its result is of a type that is no media type"),
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
    "no_kind", "null_component", "null_components", "null_entry", "null_get_kind", "schema_not_object",
    "short_calls", "short_component", "short_entry", "short_kind", "too_many_components",
    "unknown_schema_keyword", "wrong_magic",
]

/// What is wrong with a library as a whole, though each part of it looks right.
private let libraryFaults: [(fault: String, check: String, reason: String)] = [
    ("no_entry", "load", "has no hks_plugin_entry"),
    ("unresolved_symbol", "load", "was refused by the dynamic linker"),
    ("slow_load", "load", "to load; 2.0 s are allowed"),
    ("slow_describe", "describe", "to describe itself; 100 ms are allowed"),
    ("description_changes", "constant", "describes itself another way when asked again"),
    ("claims_any_major", "version", "claims to be built for version 0 of the plugin interface"),
    ("knows_similar_kinds", "kinds", "answers for the kind 'hks.transformer/1 '"),
]

/// What breaks its author's word, and no rule of the interface.
private let brokenPromises: [(fault: String, promise: CheckPlan.Promise, reason: String)] = [
    ("retry_shrinks", .monotone, "waits 30.0 s after attempt 2, where it waited 60.0 s before"),
    ("emits_broken_json", .json, "makes no JSON of an ordinary JSON object"),
]

@Suite("plugin check", .serialized)
struct PluginCheckTests {
    /// Fewer instances and less random work than by default: there are many faults, and each has one place.
    private func report(
        _ library: String, timeout: Duration = .seconds(30), _ change: (inout CheckPlan) -> Void = { _ in }
    ) -> CheckReport {
        var plan = CheckPlan()
        plan.instances = 500
        plan.fuzzMilliseconds = 0
        plan.stopsAtFailure = true
        change(&plan)
        return PluginCheck.runInChildren(
            executable: "\(BuiltLibraries.directory)/PluginCheckChild", arguments: [library], plan: plan,
            replay: "check", timeout: timeout)
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
        #expect(report.findings.map(\.check) == ["file", "load", "describe"])
        #expect(report.findings.last?.passed == false)
    }

    @Test("What is wrong with a library as a whole is found before its components are tried", arguments: libraryFaults)
    func wholeLibrary(fault: String, check: String, reason: String) throws {
        let report = report(BuiltLibraries.path(ofFault: fault))
        let first = try #require(report.findings.first { !$0.passed }, "\(report.text)")
        #expect(first.check == check && first.component == "")
        #expect(first.reason.contains(reason), "\(report.text)")
    }

    @Test("A promise is held against whoever made it, and nobody else", arguments: brokenPromises)
    func promised(fault: String, promise: CheckPlan.Promise, reason: String) throws {
        let unbound = report(BuiltLibraries.path(ofFault: fault))
        #expect(unbound.passed, "\(unbound.text)")
        let report = report(BuiltLibraries.path(ofFault: fault)) { $0.promises = [promise] }
        let failed = report.findings.filter { !$0.passed }
        #expect(failed.map(\.check) == [promise.rawValue])
        #expect(failed.first?.reason.contains(reason) == true, "\(report.text)")
    }

    @Test("A crash that random work finds comes back with the seed that the report names")
    func fuzz() throws {
        let library = BuiltLibraries.path(ofFault: "crashes_rarely")
        let found = report(library) { $0.fuzzMilliseconds = 60_000 }
        let crash = try #require(found.findings.first { !$0.passed }, "\(found.text)")
        #expect(crash.check == "fuzz" && crash.reason.hasPrefix("crashed with SIGSEGV"), "\(found.text)")
        #expect(crash.reason.hasSuffix("to repeat it: check --seed \(crash.seed)"))
        #expect(crash.seed > CheckPlan.seedDefault)
        let again = report(library) {
            $0.seed = crash.seed
            $0.fuzzMilliseconds = 0
        }
        let failed = again.findings.filter { !$0.passed }
        #expect(failed.contains { $0.check == "fuzz" && $0.seed == crash.seed }, "\(again.text)")
    }

    @Test("What the machine reads says the same as what people read")
    func jsonLines() throws {
        let report = report(BuiltLibraries.path(ofFault: "crashes")) { $0.seed = 77 }
        let lines = report.jsonLines.split(separator: "\n")
        #expect(lines.count == report.findings.count && lines.count > 6)
        for (line, finding) in zip(lines, report.findings) {
            let object = try #require(try JSONValue(parsing: Array(line.utf8)).members)
            #expect(
                object.members.map(\.name) == ["check", "component", "passed", "reason", "seed", "milliseconds"])
            #expect(object["check"]?.text == finding.check && object["passed"]?.boolean == finding.passed)
            #expect(object["seed"] == 77)
        }
        #expect(report.findings.last?.component == "Fault.crashes")
    }

    @Test("A plan arrives in the child as it was made")
    func planWords() {
        var plan = CheckPlan()
        plan.seed = .max
        plan.promises = [.json, .monotone]
        plan.component = 3
        #expect(CheckPlan(words: plan.words) == plan)
        for words in [["seed"], ["seed=x"], ["promise=fast"], ["other=1"]] { #expect(CheckPlan(words: words) == nil) }
    }

    @Test("A plugin that hangs is killed and named")
    func hangs() throws {
        let report = report(BuiltLibraries.path(ofFault: "hangs"), timeout: .seconds(5)) { $0.instances = 10 }
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
        let tried = caughtFaults.map(\.fault) + unloadableFaults + libraryFaults.map(\.fault)
            + brokenPromises.map(\.fault) + ["hangs", "future_minor", "crashes_rarely", "attacks"]
        #expect(Set(faults.map(String.init)) == Set(tried))
    }

    @Test("A library of a later minor version passes")
    func laterMinor() {
        let report = report(BuiltLibraries.path(ofFault: "future_minor"))
        #expect(report.passed, "\(report.text)")
        #expect(report.findings.map(\.component).contains("Fault.future-minor"))
    }

    @Test("Every shipped plugin and both templates pass, and keep what they promise", arguments: [
        "ApiKey", "BearerToken", "BasicAuth", "JwtBearer", "Mapping", "Schedule", "Exponential", "Fixed", "TemplateC",
        "TemplateSwift", "OAuth2", "SignedJwt", "Hmac", "AwsSigV4", "HttpSignature", "Template",
        "JsonPatch", "Redact",
    ])
    func shipped(name: String) {
        let report = report("\(BuiltLibraries.directory)/lib\(name).so") {
            $0.instances = 10_000
            $0.fuzzMilliseconds = 200
            // A text template makes whatever text it is told to.
            $0.promises = name == "Template" ? [.monotone] : Set(CheckPlan.Promise.allCases)
        }
        #expect(report.passed, "\(report.text)")
    }

    @Test("A file that is missing or no library is a finding, and so is a process that does not start")
    func noLibrary() throws {
        #expect(report("/nonexistent/libx.so").findings == [
            CheckFinding(
                component: "", check: "file", passed: false, reason: "cannot be read: No such file or directory",
                seed: CheckPlan.seedDefault)
        ])
        let unstarted = PluginCheck.runInChildren(
            executable: "/nonexistent", arguments: [], plan: CheckPlan(), replay: "")
        #expect(unstarted.findings.map(\.reason) == [
            "the checking process could not be started: No such file or directory"
        ])
        #expect(!CheckReport(findings: []).passed)
    }
}
