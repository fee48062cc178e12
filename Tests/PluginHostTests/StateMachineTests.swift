import Testing

@testable import PluginHost

@Suite("Values that decide, without a clock")
struct StateMachineTests {
    private static let second: Int64 = 1_000_000_000

    @Test("An instance that overruns three times in a row rests for 30 s, and then has one call to prove itself")
    func overrunGate() {
        enum Step {
            case call(at: Int64, overran: Bool, trips: Bool)
            case refused(at: Int64, left: Int64)
        }
        let steps: [Step] = [
            .call(at: 0, overran: true, trips: false),
            .call(at: 1, overran: true, trips: false),
            .call(at: 2, overran: false, trips: false),
            .call(at: 3, overran: true, trips: false),
            .call(at: 4, overran: true, trips: false),
            .call(at: 5, overran: true, trips: true),
            .refused(at: 5, left: 30),
            .refused(at: 34, left: 1),
            .call(at: 35, overran: true, trips: true),
            .refused(at: 36, left: 29),
            .call(at: 65, overran: false, trips: false),
            .call(at: 66, overran: true, trips: false),
            .call(at: 67, overran: true, trips: false),
        ]
        var gate = OverrunGate()
        for (index, step) in steps.enumerated() {
            switch step {
            case .call(let at, let overran, let trips):
                #expect(gate.ask(at: at * Self.second) == .pass, "step \(index)")
                #expect(gate.finished(overran: overran, at: at * Self.second) == trips, "step \(index)")
            case .refused(let at, let left):
                let refusal = OverrunGate.Permission.refuse(nanosecondsLeft: left * Self.second)
                #expect(gate.ask(at: at * Self.second) == refusal, "step \(index)")
            }
        }
    }

    @Test("A component may log 100 lines a minute; the line after that says so once")
    func lineBudget() {
        var budget = LineBudget()
        for _ in 1...100 { #expect(budget.take(at: 5) == .write) }
        #expect(budget.take(at: 6) == .announceDrop)
        #expect(budget.take(at: 7) == .drop)
        #expect(budget.take(at: 60 * Self.second + 4) == .drop)
        #expect(budget.take(at: 60 * Self.second + 5) == .write)
    }

    @Test("Header fields within the rules are taken", arguments: [
        ("X-Api-Key", "value"), ("authorization", "Basic YTpi"), ("X!#$%&'*+.^_`|~9", ""), ("X-Tab", "a\tb é"),
    ])
    func goodHeader(name: String, value: String) {
        var headers = HeaderCollection()
        #expect(headers.add(name: Array(name.utf8), value: Array(value.utf8), allowsReserved: false) == nil)
        #expect(headers.fields == [.init(name, value)])
    }

    @Test("Header fields that break a rule are not", arguments: [
        ("", "v", "set a header whose name is not a token"), ("A:B", "v", "set a header whose name is not a token"),
        ("Ü", "v", "set a header whose name is not a token"),
        ("A", "v\nB: c", "set the header A to a value with CR, LF or NUL"),
        ("A", "v\r", "set the header A to a value with CR, LF or NUL"),
        ("A", "v\0", "set the header A to a value with CR, LF or NUL"),
        ("Host", "v", "set the header Host, which is not a plugin's to set"),
        ("CONTENT-LENGTH", "1", "set the header CONTENT-LENGTH, which is not a plugin's to set"),
        ("Content-Type", "v", "set the header Content-Type, which is not a plugin's to set"),
        ("transfer-encoding", "v", "set the header transfer-encoding, which is not a plugin's to set"),
        ("Connection", "v", "set the header Connection, which is not a plugin's to set"),
        ("X-HookSentry-Anything", "v", "set the header X-HookSentry-Anything, which is not a plugin's to set"),
        ("Webhook-Id", "v", "set the header Webhook-Id, which is not a plugin's to set"),
    ])
    func badHeader(name: String, value: String, rule: String) {
        var headers = HeaderCollection()
        #expect(headers.add(name: Array(name.utf8), value: Array(value.utf8), allowsReserved: false) == rule)
        #expect(headers.fields == [])
    }

    @Test("A value that is not UTF-8 is refused rather than repaired, and 32 KiB are the end")
    func headerBytes() {
        var headers = HeaderCollection()
        let repaired = headers.add(name: [65], value: [0xFF], allowsReserved: false)
        #expect(repaired == "set the header A to a value that is not UTF-8")
        let long = headers.add(name: [66], value: [UInt8](repeating: 97, count: 32 << 10), allowsReserved: false)
        #expect(long == "set more than 32 headers or 32 KiB of them")
    }

    @Test("Sentences are cleaned", arguments: [
        ("plain", "plain"), ("tab\tand\u{1B}[1m", "tab and [1m"), ("left\u{202E}right", "left right"),
        ("key=hunter22!", "key=***!"), ("hunter2hunter22", "hunter2***"), ("abc", "abc"),
    ])
    func sentence(raw: String, clean: String) {
        let secrets = PluginSentence.searchOrder(["abc", "hunter22"].map { Array($0.utf8) })
        #expect(PluginSentence.cleaned(Array(raw.utf8), limit: 100, secrets: secrets) == clean)
    }

    @Test("A sentence is cut between characters, and a secret across the cut does not show")
    func cut() {
        #expect(PluginSentence.cleaned(Array("ab€".utf8), limit: 4, secrets: []) == "ab")
        #expect(PluginSentence.cleaned(Array("ab€".utf8), limit: 5, secrets: []) == "ab€")
        let secrets = [Array("topsecret".utf8)]
        let read = PluginSentence.bytesRead(limit: 5, secrets: secrets)
        let bytes = Array(Array("ab topsecret and more".utf8).prefix(read))
        #expect(PluginSentence.cleaned(bytes, limit: 5, secrets: secrets) == "ab **")
        // The second one is not read to its end, and must not come before the limit because the first became shorter.
        let count = PluginSentence.bytesRead(limit: 9, secrets: secrets)
        let twice = Array(Array("topsecret topsecret".utf8).prefix(count))
        #expect(PluginSentence.cleaned(twice, limit: 9, secrets: secrets) == "***")
        let nested = PluginSentence.searchOrder(["topsecret", "secretly"].map { Array($0.utf8) })
        #expect(PluginSentence.cleaned(Array("a topsecretly b".utf8), limit: 50, secrets: nested) == "a *** b")
    }
}
