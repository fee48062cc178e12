import Domain
import Testing

@testable import RabbitBroker

@Suite("Publish queue")
struct PublishQueueTests {
    private func makeEntries(_ count: Int, bytes: Int = 10) -> [PublishQueue.Entry] {
        (0..<count).map { (Shard(0), makeItem($0, payload: makePayload(bytes: bytes))) }
    }

    @Test("It takes nothing until it is open, and nothing after it is closed")
    func openAndClosed() {
        let queue = PublishQueue(itemLimit: 10, byteLimit: 1_000)
        #expect(queue.offer(makeEntries(1)) == 0)
        queue.open()
        #expect(queue.offer(makeEntries(3)) == 3)
        #expect(queue.close() == 3)
        #expect(queue.offer(makeEntries(1)) == 0)
        #expect(queue.takeAll().isEmpty)
    }

    @Test("Room is given back when the thread is done, not when it takes")
    func room() {
        let queue = PublishQueue(itemLimit: 4, byteLimit: 1_000)
        queue.open()
        #expect(queue.offer(makeEntries(6)) == 4)
        #expect(queue.takeAll().count == 4)
        #expect(queue.offer(makeEntries(1)) == 0)
        queue.finished(items: 3, bytes: 30)
        #expect(queue.offer(makeEntries(6)) == 3)
    }

    @Test("Bytes are bounded, and one item larger than the bound still passes")
    func bytes() {
        let queue = PublishQueue(itemLimit: 100, byteLimit: 25)
        queue.open()
        #expect(queue.offer(makeEntries(5)) == 3)
        #expect(queue.close() == 3)
        queue.open()
        #expect(queue.offer(makeEntries(2, bytes: 500)) == 1)
    }
}
