import CSandbox

/// Serves the calls of one slot, one after the other, on one thread.
final class SlotServer {
    /// Of the stack on which a crash is noted, with the note's address at its beginning.
    private static let crashStackBytes = 64 << 10

    private let slot: CallSlot
    private let desk: ChildDesk
    private let collector = RemarkCollector()
    private var spin = AdaptiveSpin()

    init(_ slot: CallSlot, _ desk: ChildDesk) {
        self.slot = slot
        self.desk = desk
    }

    /// On a thread that does nothing else.
    func run() -> Never {
        // Never freed: the thread ends with the process.
        let stack = UnsafeMutableRawPointer.allocate(byteCount: Self.crashStackBytes, alignment: 64)
        _ = sandbox_watch_thread(stack, UInt64(Self.crashStackBytes), slot.lastWords)
        collector.isOfThisThread()
        var served = slot.answered.value
        while true {
            _ = slot.asked.wait(whileIs: served, until: nil, &spin)
            served = slot.asked.value
            serve()
            slot.answered.set(served)
        }
    }

    private func serve() {
        let count = Int(min(slot.requestCount.pointee, UInt64(slot.shape.requestBytes)))
        var wire = WireReader(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(slot.request)[..<count]))
        // The host writes no nonsense; if it did, it would read none as an answer.
        guard let request = try? CallRequest(from: &wire) else { return slot.answerCount.pointee = .max }
        let result = desk.answer(request)
        write(CallAnswer(result: result, remarks: collector.take()))
    }

    private func write(_ answer: CallAnswer) {
        var wire = WireWriter(slot.answer)
        slot.answerCount.pointee = answer.write(to: &wire) ? UInt64(wire.count) : .max
    }

    func write(_ report: LibraryReport) {
        var wire = WireWriter(slot.answer)
        if !report.write(to: &wire) {
            wire = WireWriter(slot.answer)
            let refused = Refused("describes itself in more than \(slot.answer.count) bytes")
            _ = LibraryReport.refused(refused).write(to: &wire)
        }
        slot.answerCount.pointee = UInt64(wire.count)
    }
}
