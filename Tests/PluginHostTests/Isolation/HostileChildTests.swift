import CSandbox
import Glibc
import Ports
import Testing
import Threading

@testable import PluginHost

/// The child's end of a slot, in the hands of a thread of the test that writes what no honest child would.
@Suite("A child that lies")
struct HostileChildTests {
    private static let shape = SharedArea.Shape(slots: 2, requestBytes: 4_096, answerBytes: 4_096)
    private let area: SharedArea

    init() throws {
        let memory = sandbox_shared_memory(Int64(Self.shape.bytes))
        try #require(memory >= 0)
        defer { close(memory) }
        area = try SharedArea(mapping: memory, Self.shape)
    }

    /// What a call comes to if the child does this after the request has come.
    private func outcome(
        milliseconds: Int64 = 5_000, work: CallRequest.Work = .destroy, _ lie: @escaping @Sendable (CallSlot) -> Void
    ) -> HostSlot.Outcome {
        let slot = area.slot(1)
        let child = WorkerThread("lying child") {
            var spin = AdaptiveSpin()
            _ = slot.asked.wait(whileIs: 0, until: monotonicNanoseconds() + 5_000_000_000, &spin)
            lie(slot)
        }
        let deadline = monotonicNanoseconds() + milliseconds * 1_000_000
        let outcome = HostSlot(index: 1, of: area).exchange(
            CallRequest(instance: 1, work: work), until: deadline, knownEnd: { nil })
        child.join()
        return outcome
    }

    @Test("An honest answer is taken")
    func honest() throws {
        let outcome = outcome { slot in
            var wire = WireWriter(slot.answer)
            _ = CallAnswer(result: .renewable(true)).write(to: &wire)
            slot.answerCount.pointee = UInt64(wire.count)
            slot.answered.set(1)
        }
        guard case .answered(let answer) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(answer.result == .renewable(true))
    }

    @Test("A length beyond the slot, a number of another call and bytes without sense are no answer")
    func nonsense() {
        let lies: [@Sendable (CallSlot) -> Void] = [
            { $0.answerCount.pointee = .max },
            { $0.answerCount.pointee = UInt64($0.shape.answerBytes) + 1 },
            { $0.answerCount.pointee = 0 },
            { slot in
                _ = slot.answer.initializeMemory(as: UInt8.self, repeating: 0xFF)
                slot.answerCount.pointee = UInt64(slot.shape.answerBytes)
            },
        ]
        for (index, lie) in lies.enumerated() {
            area.slot(1).asked.set(0)
            area.slot(1).answered.set(0)
            let outcome = outcome { slot in
                lie(slot)
                slot.answered.set(1)
            }
            guard case .nonsense = outcome else {
                Issue.record("lie \(index): \(outcome)")
                continue
            }
        }
        area.slot(1).asked.set(0)
        area.slot(1).answered.set(0)
        guard case .nonsense = outcome({ $0.answered.set(7) }) else {
            Issue.record("a number of another call was believed")
            return
        }
    }

    @Test("One that wakes its caller for nothing gains no time")
    func wakes() {
        let outcome = outcome(milliseconds: 50) { slot in
            for _ in 0..<1_000 { sandbox_futex_wake_all(slot.answered.word) }
        }
        guard case .late = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("A request without room is not sent")
    func tooLarge() {
        let slot = HostSlot(index: 0, of: area)
        let request = CallRequest(instance: 1, work: .apply([UInt8](repeating: 0, count: 5_000)))
        guard case .tooLarge = slot.exchange(request, until: 0, knownEnd: { nil }) else {
            Issue.record("it was sent")
            return
        }
        #expect(area.slot(0).asked.value == 0)
    }

    @Test("Fetches and headers are held against the rules by the host as well")
    func rules() {
        func fetch(_ method: String, _ url: String, body: Int = 0, _ header: String = "A") -> FetchRequest {
            FetchRequest(
                method: method, url: url, headers: [HeaderField(header, "b")],
                body: [UInt8](repeating: 0, count: body))
        }
        #expect(FetchRules.brokenRule(fetch("GET", "https://example.com/")) == nil)
        #expect(FetchRules.brokenRule(fetch("DELETE", "https://example.com/"))?.contains("method") == true)
        #expect(FetchRules.brokenRule(fetch("GET", "nowhere"))?.contains("absolute URL") == true)
        #expect(FetchRules.brokenRule(fetch("GET", "https://example.com/", body: 1 << 17))?.contains("body") == true)
        #expect(FetchRules.brokenRule(fetch("GET", "https://example.com/", "A B"))?.contains("token") == true)
        let reserved = [HeaderField("Webhook-Signature", "v1")]
        #expect(HeaderRules.brokenRule(reserved, allowsReserved: false)?.contains("not a plugin's to set") == true)
        let injected = [HeaderField("A", "b\r\nC: d")]
        #expect(HeaderRules.brokenRule(injected, allowsReserved: false)?.contains("CR, LF or NUL") == true)
    }
}
