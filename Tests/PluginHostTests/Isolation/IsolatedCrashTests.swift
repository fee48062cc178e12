import Domain
import Ports
import Synchronization
import Telemetry
import Testing
import Threading

@testable import PluginHost

private func systemCall(_ name: String) -> String {
    "Fault.attacks was ended with SIGSYS, because it made the system call \(name), which isolation does not allow"
}

@Suite("A crash in a process of its own")
struct IsolatedCrashTests {
    @Test("It fails the call that caused it, with plugin and signal, and the next call works again", arguments: [
        ("null", "Fault.attacks crashed with SIGSEGV"),
        ("die in create", "Fault.attacks crashed with SIGABRT"),
        ("exit", "Fault.attacks ended its process with status 3"),
        ("_exit", "Fault.attacks ended its process with status 4"),
        ("memory", "Fault.attacks crashed with SIGSEGV after it had used up its memory"),
        ("fork", systemCall("clone")),
        ("run", systemCall("execve")),
        ("kill", systemCall("kill")),
        ("trace", systemCall("ptrace")),
    ])
    func crash(action: String, sentence: String) throws {
        let attacker = try Attacker(limits: .quick)
        let found = attacker.fault(action)
        #expect(found == PluginFault(component: "Fault.attacks", cause: .crash, sentence: sentence))
        #expect(try attacker.applied("", to: [1, 2]) == [1, 2])
    }

    @Test("A call that does not return ends the process at its deadline")
    func hang() throws {
        var limits = Limits.quick
        limits.pluginCall = .milliseconds(500)
        let attacker = try Attacker(limits: limits)
        let found = attacker.fault("hang")
        let sentence = "Fault.attacks did not return within 500 ms; its process was ended"
        #expect(found == PluginFault(component: "Fault.attacks", cause: .overrun, sentence: sentence))
        #expect(try attacker.applied("", to: [1]) == [1])
        #expect(attacker.metrics.exposition().contains(
            #"hooksentry_plugin_process_ends_total{library="libattacks.so",reason="overrun"} 1"#))
    }

    @Test("Every tenth call crashes: exactly those fail, whatever else is in flight")
    func everyTenth() throws {
        let attacker = try Attacker(limits: .quick)
        let instance = try attacker.instance("tenth")
        var crashes: [Int] = []
        for number in 1...40 {
            do {
                let payload = [UInt8(number)]
                let output = try attacker.untilAvailable { try instance.apply(payload, PluginCallContext()) }
                #expect(output == payload)
            } catch let fault as PluginFault where fault.cause == .crash {
                crashes.append(number)
            }
        }
        #expect(crashes == [10, 20, 30, 40])
    }

    @Test("A neighbour's call in flight is not failed but can be made again")
    func neighbour() throws {
        let attacker = try Attacker(limits: Limits())
        let slow = try attacker.instance("slow")
        let crashing = try attacker.instance("null")
        let outcome = Mutex<PluginFault?>(nil)
        let thread = WorkerThread("neighbour") {
            do {
                _ = try slow.value.apply([1], PluginCallContext())
            } catch {
                outcome.withLock { $0 = error as? PluginFault }
            }
        }
        try attacker.eventually { attacker.callsInFlight == 1 }
        let crash = #expect(throws: PluginFault.self) { try crashing.apply([1], PluginCallContext()) }
        #expect(crash?.cause == .crash)
        thread.join()
        let found = try #require(outcome.withLock { $0 })
        #expect(found.cause == .unavailable)
        #expect(found.retryAfter != nil)
        #expect(found.sentence.hasPrefix("Fault.attacks crashed with SIGSEGV"))
    }

    @Test("Another library's process does not notice")
    func otherLibrary() throws {
        let registry = try makeRegistry("attacks", "emits_nothing", limits: .quick, mode: .process)
        let other = try registry.makeTransformer("Fault.emits-nothing", settings: [0x7B, 0x7D], storageKey: "k")
        let crashing = try registry.makeTransformer(
            "Fault.attacks", settings: Array(#"{"note":"null"}"#.utf8), storageKey: "k")
        #expect(throws: PluginFault.self) { try crashing.apply([1], PluginCallContext()) }
        let found = #expect(throws: PluginFault.self) { try other.apply([1], PluginCallContext()) }
        #expect(found?.cause == .fault)
    }

    @Test("What an instance stored, counted and said outlives its process")
    func storage() throws {
        let attacker = try Attacker(limits: .quick)
        let counting = try attacker.instance("count")
        #expect(try counting.apply([], PluginCallContext()) == [1])
        #expect(try counting.apply([], PluginCallContext()) == [2])
        _ = attacker.fault("null")
        let third = try attacker.untilAvailable { try counting.apply([], PluginCallContext()) }
        #expect(third == [3])
        #expect(attacker.metrics.exposition().contains(
            #"hooksentry_plugin_counter_total{component="Fault.attacks",name="counted"} 3"#))
    }

    @Test("A library that crashes when it is loaded is refused")
    func crashWhenLoaded() throws {
        let registry = try makeRegistry("no_entry", "null_entry", "emits_null", limits: .quick, mode: .process)
        #expect(registry.components.map(\.name) == ["Fault.emits-null"])
        #expect(registry.refusals.map(\.reason) == ["says that it is not for this host (its entry is null)"])
        #expect(registry.skipped.count == 1)
    }
}
