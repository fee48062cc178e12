import CSandbox

/// The host's end of one slot. Whoever has it leased is the only one to use it.
final class HostSlot: @unchecked Sendable {
    enum Outcome {
        case answered(CallAnswer)
        /// The call is not back by its deadline.
        case late
        /// The child wrote what is no answer to this request.
        case nonsense
        /// The child has ended.
        case ended(ProcessEnd)
        /// The request has no room.
        case tooLarge
    }

    let index: Int
    private let slot: CallSlot
    // The host's own count: the one in shared memory is the child's to spoil.
    private var sequence: UInt32 = 0
    private var spin = AdaptiveSpin()

    init(index: Int, of area: SharedArea) {
        self.index = index
        slot = area.slot(index)
    }

    /// Sends a request and waits. deadline: of the monotonic clock. knownEnd: of the child, if it has ended. After
    /// anything but an answer, the child is not to be used again.
    func exchange(_ request: CallRequest, until deadline: Int64, knownEnd: () -> ProcessEnd?) -> Outcome {
        var wire = WireWriter(slot.request)
        request.write(to: &wire)
        guard !wire.isOverfull else { return .tooLarge }
        slot.requestCount.pointee = UInt64(wire.count)
        let known = sequence
        sequence &+= 1
        slot.asked.set(sequence)
        guard slot.answered.wait(whileIs: known, until: deadline, &spin) else { return .late }
        // Ends are noted before the sleepers are woken.
        if let end = knownEnd() { return .ended(end) }
        guard slot.answered.value == sequence, let bytes = slot.copiedAnswer(),
            let answer = try? WireReader.read(bytes, CallAnswer.init(from:))
        else { return .nonsense }
        return .answered(answer)
    }
}
