import Domain
import Foundation
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
        #expect(attacker.registry.libraries.map(\.state) == [.serving])
        #expect(attacker.fault("null")?.cause == .crash)
        #expect(attacker.fault("null")?.cause == .crash)
        try attacker.eventually { attacker.registry.libraries[0].state == .quarantined }
        let status = attacker.registry.libraries[0]
        #expect(status.reason == "Fault.attacks crashed with SIGSEGV")
        #expect(status.restarts == 1 && status.isIsolated && status.generation == 1)
        #expect(try #require(status.pause) <= .milliseconds(300))
        let component = QuarantineChange.Component(kind: .transformer, name: "Fault.attacks", version: "1.0.0")
        let began = QuarantineChange(
            .began(reason: "Fault.attacks crashed with SIGSEGV", lasts: .milliseconds(300)), components: [component])
        #expect(attacker.quarantineChanges(1) == [began])
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
        let well = attacker.registry.libraries[0]
        #expect(well.state == .serving && well.reason == nil && well.pause == nil && well.restarts == 2)
        #expect(attacker.quarantineChanges(2) == [began, QuarantineChange(.ended, components: [component])])
        #expect(attacker.metrics.exposition().contains(#"hooksentry_plugin_quarantined{library="libattacks.so"} 0"#))
        // It is well: the next crash is the first of a row again.
        _ = attacker.fault("null")
        try attacker.eventually { attacker.registry.libraries[0].state == .serving }
    }

    @Test("A new version of it is back at once, and the next version begins well")
    func replacement() throws {
        var limits = Limits.quick
        limits.pluginCrashes = 1
        limits.pluginQuarantine = .seconds(3_600)
        let attacker = try Attacker(limits: limits)
        _ = attacker.fault("null")
        #expect(attacker.quarantineChanges(1).count == 1)
        let path = attacker.registry.libraries[0].path
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        // Behind the end of what a linker reads: another version to whoever looks at the bytes.
        try file.write(contentsOf: [0])
        try file.close()
        #expect(attacker.registry.load().refused == [])
        let component = QuarantineChange.Component(kind: .transformer, name: "Fault.attacks", version: "1.0.0")
        #expect(attacker.quarantineChanges(2).last == QuarantineChange(.ended, components: [component]))
        let status = attacker.registry.libraries[0]
        #expect(status.state == .serving && status.restarts == 0 && status.generation == 2)
        #expect(try attacker.applied("", to: [7]) == [7])
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
