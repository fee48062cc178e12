import Domain
import Ports
import Testing

@testable import PluginHost

@Suite("What passes between host and child")
struct WireTests {
    private let context = PluginCallContext(
        tenantID: TenantID(high: 1, low: 2), destinationID: nil, eventID: EventID(high: 3, low: .max),
        attemptNumber: 7)

    private var requests: [CallRequest] {
        let headers = [HeaderField("Content-Type", "text/plain"), HeaderField("X", "")]
        let kept = [StoredValue(key: [1], bytes: [2, 3], expiresAt: .max)]
        let failure = RetryFailure(
            attemptNumber: 1, attemptsMax: 6, outcome: .gone, httpStatus: 410, retryAfter: .milliseconds(1_500),
            elapsed: .seconds(9), random: .max)
        return [
            CallRequest(instance: 1, work: .create(component: 2, settings: [9], storageKey: "k", kept: kept)),
            CallRequest(instance: 1, work: .create(component: 0, settings: [], storageKey: nil, kept: [])),
            CallRequest(instance: .max, context: context, work: .destroy),
            CallRequest(instance: 1, context: context, work: .apply([0, 255])),
            CallRequest(
                instance: 1, context: context,
                work: .authenticate(method: "POST", url: "https://é", headers: headers, body: [1])),
            CallRequest(instance: 1, work: .fetched(status: 200, headers: headers, body: [])),
            CallRequest(instance: 1, work: .rejected(status: 401)),
            CallRequest(instance: 1, context: context, work: .decide(failure)),
        ]
    }

    private var answers: [CallAnswer] {
        let remarks: [Remark] = [
            .log(level: -1, message: "é"), .count(name: [97], amount: .max),
            .store(StoredValue(key: [], bytes: [], expiresAt: 0)),
        ]
        return [
            CallAnswer(result: .done, remarks: remarks), CallAnswer(result: .payload(TransformedPayload([1]))),
            CallAnswer(result: .payload(TransformedPayload([1], contentType: "text/csv"))),
            CallAnswer(result: .headers([HeaderField("A", "b")])),
            CallAnswer(
                result: .needsFetch(
                    FetchRequest(method: "GET", url: "u", headers: [HeaderField("A", "b")], body: [1]))),
            CallAnswer(result: .renewable(true)), CallAnswer(result: .decision(.giveUp)),
            CallAnswer(result: .decision(.again(after: .milliseconds(7)))),
            CallAnswer(result: .fault(PluginFault(component: "", cause: .permanent, sentence: "s", position: 3))),
        ]
    }

    private func bytes(_ write: (inout WireWriter) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 4_096) { memory, count in
            var wire = WireWriter(UnsafeMutableRawBufferPointer(memory))
            write(&wire)
            count = wire.count
        }
    }

    @Test("Requests and answers are read as they were written")
    func roundTrip() throws {
        for request in requests {
            #expect(try WireReader.read(bytes { request.write(to: &$0) }, CallRequest.init(from:)) == request)
        }
        for answer in answers {
            #expect(try WireReader.read(bytes { _ = answer.write(to: &$0) }, CallAnswer.init(from:)) == answer)
        }
    }

    @Test("What is cut short, or longer than it says, is refused")
    func cut() {
        for answer in answers {
            let whole = bytes { _ = answer.write(to: &$0) }
            for count in whole.indices {
                #expect(throws: Malformed.self) { try WireReader.read(Array(whole[..<count]), CallAnswer.init(from:)) }
            }
            #expect(throws: Malformed.self) { try WireReader.read(whole + [0], CallAnswer.init(from:)) }
        }
    }

    @Test("Whatever a child writes, the host reads it or refuses it")
    func hostile() {
        var random = RepeatableNumbers(seed: 1)
        for answer in answers {
            let whole = bytes { _ = answer.write(to: &$0) }
            for _ in 0..<2_000 {
                var changed = whole
                for _ in 0...Int.random(in: 0...3, using: &random) {
                    changed[Int.random(in: changed.indices, using: &random)] = .random(in: 0 ... .max, using: &random)
                }
                _ = try? WireReader.read(changed, CallAnswer.init(from:))
                _ = try? WireReader.read(changed, LibraryReport.init(from:))
            }
        }
    }

    @Test("What has no room is noted and not written")
    func overfull() {
        var memory: [UInt8] = Array(repeating: 7, count: 16)
        memory.withUnsafeMutableBytes { memory in
            var wire = WireWriter(UnsafeMutableRawBufferPointer(rebasing: memory[..<8]))
            wire.write([1, 2, 3, 4, 5] as [UInt8])
            #expect(wire.isOverfull && wire.count == 0)
            wire.write(1 as UInt64)
            #expect(wire.count == 8)
            wire.write(1 as UInt8)
            #expect(wire.count == 8)
        }
        #expect(memory[8...].allSatisfy { $0 == 7 })
    }

    @Test("Spinning grows while it pays and stops while it does not, with a try now and then")
    func spin() {
        var spin = AdaptiveSpin()
        for _ in 0..<10 { spin.paid() }
        #expect(spin.begin() == AdaptiveSpin.turnsMax)
        for _ in 0..<20 { spin.failed() }
        let turns = (1...AdaptiveSpin.abstinence * 2).map { _ in spin.begin() }
        #expect(turns.filter { $0 > 0 }.count == 2)
        spin.paid()
        #expect(spin.begin() > 0)
    }
}
