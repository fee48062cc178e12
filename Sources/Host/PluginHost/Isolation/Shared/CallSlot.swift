import CSandbox

/// One call's place in the shared memory. The host counts `asked` up when a request is there, the child counts
/// `answered` up when the answer is; each sleeps on the other's word.
struct CallSlot: @unchecked Sendable {
    private let control: UnsafeMutableRawPointer
    let shape: SharedArea.Shape

    init(control: UnsafeMutableRawPointer, shape: SharedArea.Shape) {
        self.control = control
        self.shape = shape
    }

    var asked: SharedWord { SharedWord(word: word(at: 0), sleeps: word(at: 64)) }
    var answered: SharedWord { SharedWord(word: word(at: 128), sleeps: word(at: 192)) }

    /// Why the process ended, if it ended in this slot's call.
    var lastWords: UnsafeMutablePointer<sandbox_last_words> {
        (control + 256).assumingMemoryBound(to: sandbox_last_words.self)
    }

    var requestCount: UnsafeMutablePointer<UInt64> { (control + 320).assumingMemoryBound(to: UInt64.self) }
    var answerCount: UnsafeMutablePointer<UInt64> { (control + 384).assumingMemoryBound(to: UInt64.self) }

    var request: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: control + SharedArea.controlBytes, count: shape.requestBytes)
    }

    var answer: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            start: control + SharedArea.controlBytes + shape.requestBytes, count: shape.answerBytes)
    }

    /// A copy of the answer, as long as the child says it is; nil if it says nonsense. What the child writes after
    /// this no longer matters.
    func copiedAnswer() -> [UInt8]? {
        let count = answerCount.pointee
        guard count <= UInt64(shape.answerBytes) else { return nil }
        return Array(UnsafeRawBufferPointer(answer)[..<Int(count)])
    }

    private func word(at offset: Int) -> UnsafeMutablePointer<UInt32> {
        (control + offset).assumingMemoryBound(to: UInt32.self)
    }
}
