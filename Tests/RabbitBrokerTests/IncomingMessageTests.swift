import Testing

@testable import RabbitBroker

@Suite("Incoming message")
struct IncomingMessageTests {
    private func add(_ bytes: [UInt8], to message: inout IncomingMessage) -> IncomingMessage.Progress {
        bytes.withUnsafeBytes { message.add($0) }
    }

    @Test("One piece is the whole; several are gathered in order")
    func pieces() {
        var message = IncomingMessage(tag: 1, redelivered: false)
        _ = message.header(bodyBytes: 4)
        guard case .whole = add([1, 2, 3, 4], to: &message) else { return #expect(Bool(false), "one piece was copied") }
        message = IncomingMessage(tag: 2, redelivered: false)
        _ = message.header(bodyBytes: 4)
        guard case .more = add([1, 2], to: &message) else { return #expect(Bool(false), "half was taken for all") }
        guard case .gathered(let body) = add([3, 4], to: &message) else { return #expect(Bool(false), "not complete") }
        #expect(body == [1, 2, 3, 4])
    }

    @Test("An empty body is complete with its header")
    func empty() {
        var message = IncomingMessage(tag: 1, redelivered: false)
        let isComplete = message.header(bodyBytes: 0)
        #expect(isComplete)
        message = IncomingMessage(tag: 2, redelivered: false)
        let isCompleteToo = message.header(bodyBytes: 1)
        #expect(!isCompleteToo)
    }

    @Test("A body beyond the limit is counted to its end and not kept")
    func tooLong() {
        var message = IncomingMessage(tag: 1, redelivered: false)
        let piece = makePayload(bytes: 1 << 20)
        _ = message.header(bodyBytes: IncomingMessage.bodyBytesMax + UInt64(piece.count))
        for _ in 0..<32 {
            guard case .more = add(piece, to: &message) else { return #expect(Bool(false), "it ended too early") }
        }
        guard case .tooLong = add(piece, to: &message) else { return #expect(Bool(false), "it was kept") }
    }
}
