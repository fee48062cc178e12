import Domain
import Ports
import Testing

@testable import PluginHost

@Suite("A library that keeps crashing")
struct QuarantineTests {
    @Test("It is put into quarantine, seen there, and comes out of it")
    func quarantine() throws {
        var limits = Limits.quick
        limits.pluginCrashes = 2
        limits.pluginQuarantine = .milliseconds(300)
        let attacker = try Attacker(limits: limits)
        #expect(attacker.registry.isolationStatus.map(\.state) == [.running])
        #expect(attacker.fault("null")?.cause == .crash)
        #expect(attacker.fault("null")?.cause == .crash)
        try attacker.eventually { attacker.registry.isolationStatus[0].state == .quarantined }
        #expect(attacker.registry.isolationStatus[0].reason == "crashed with SIGSEGV")
        try attacker.eventually {
            attacker.metrics.exposition().contains(#"hooksentry_plugin_quarantined{library="libattacks.so"} 1"#)
        }

        let waiting = try attacker.instance("")
        let refused = #expect(throws: PluginFault.self) { try waiting.apply([1], PluginCallContext()) }
        #expect(refused?.cause == .unavailable)
        #expect(refused?.sentence.contains("is in quarantine for another ") == true)
        let retryAfter = try #require(refused?.retryAfter)
        #expect(retryAfter <= .milliseconds(300))
        let unchecked = #expect(throws: PluginFault.self) {
            try attacker.registry.validate(.transformer, plugin: "Fault.attacks", settings: Array("{}".utf8))
        }
        #expect(unchecked?.cause == .unavailable)

        for number in 1...RestartPace.answersThatClear {
            let payload = [UInt8(number)]
            let output = try attacker.untilAvailable { try waiting.apply(payload, PluginCallContext()) }
            #expect(output == payload)
        }
        #expect(attacker.registry.isolationStatus == [
            IsolationStatus(library: attacker.registry.components[0].library, state: .running)
        ])
        #expect(attacker.metrics.exposition().contains(#"hooksentry_plugin_quarantined{library="libattacks.so"} 0"#))
        // It is well: the next crash is the first of a row again.
        _ = attacker.fault("null")
        try attacker.eventually { attacker.registry.isolationStatus[0].state == .running }
    }

    @Test("The pace: rests double, answers clear, quarantine doubles up to sixteenfold")
    func pace() {
        enum Step {
            case answers(Int, makesWell: Bool)
            case ends(rest: Int64)
            case quarantined(Int64)
        }
        let steps: [Step] = [
            .ends(rest: 10), .ends(rest: 20), .answers(4, makesWell: false), .ends(rest: 40),
            .answers(5, makesWell: false), .ends(rest: 10), .ends(rest: 20), .ends(rest: 40), .quarantined(1_000),
            .quarantined(2_000), .answers(4, makesWell: false), .quarantined(4_000), .quarantined(8_000),
            .quarantined(16_000), .quarantined(16_000), .answers(5, makesWell: true), .ends(rest: 10),
        ]
        var pace = RestartPace(RestartPace.Rules(rest: 10, endsMax: 4, quarantine: 1_000))
        for (index, step) in steps.enumerated() {
            switch step {
            case .answers(let count, let makesWell):
                pace.started()
                let wells = (0..<count).map { _ in pace.answered() }
                #expect(wells.contains(true) == makesWell, "step \(index)")
            case .ends(let rest):
                #expect(pace.ended(at: 7) == .rest(until: 7 + rest), "step \(index)")
            case .quarantined(let rest):
                #expect(pace.ended(at: 7) == .quarantine(until: 7 + rest), "step \(index)")
            }
        }
    }
}
