import Glibc
import Synchronization
import Testing

@testable import Threading

@Suite struct WorkerThreadTests {
    @Test func `join waits for the body, and the thread bears its name`() {
        let name = Mutex("")
        let thread = WorkerThread("a-name-that-is-too-long") {
            guard let file = fopen("/proc/thread-self/comm", "re") else { return }
            defer { fclose(file) }
            var buffer = [CChar](repeating: 0, count: 64)
            fgets(&buffer, 64, file)
            let text = String(decoding: buffer.prefix { $0 > 10 }.map(UInt8.init), as: UTF8.self)
            name.withLock { $0 = text }
        }
        thread.join()
        #expect(name.withLock { $0 } == "a-name-that-is-")
        thread.join()
    }

    @Test func `the body is released after it has run, joined or not`() {
        for isJoined in [true, false] {
            let released = Mailbox<Bool>()
            let thread = WorkerThread("test", { [witness = Witness(released)] in witness.touch() })
            if isJoined { thread.join() }
            #expect(released.takeAll(until: .now + .seconds(10)) == [true])
        }
    }

    @Test func `threads that nobody joins do not pile up`() throws {
        func mappingCount() throws -> Int {
            let mappings = try #require(fopen("/proc/self/maps", "re"))
            defer { fclose(mappings) }
            var lines = 0
            while case let byte = fgetc(mappings), byte != EOF { if byte == 10 { lines += 1 } }
            return lines
        }
        func runMany() {
            let done = Mailbox<Int>()
            for number in 0..<200 { _ = WorkerThread("test", stackBytes: 64 << 10) { done.post(number) } }
            let deadline = ContinuousClock.now + .seconds(20)
            var count = 0
            while count < 200, ContinuousClock.now < deadline { count += done.takeAll(until: deadline).count }
            #expect(count == 200)
        }
        runMany()
        let before = try mappingCount()
        for _ in 0..<5 { runMany() }
        // Each stack that is kept costs two lines; other tests add a few of their own.
        #expect(try mappingCount() < before + 500)
    }
}

private final class Witness: Sendable {
    private let released: Mailbox<Bool>
    init(_ released: Mailbox<Bool>) { self.released = released }
    func touch() {}
    deinit { released.post(true) }
}

@Suite struct WakerTests {
    private func isReadable(_ waker: Waker, milliseconds: Int32 = 0) -> Bool {
        var entry = pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) == 1
    }

    @Test func `many wakes are one, and clearing makes room for the next`() {
        let waker = Waker()
        #expect(!isReadable(waker))
        for _ in 0..<3 { waker.wake() }
        #expect(isReadable(waker))
        waker.clear()
        #expect(!isReadable(waker))
        waker.wake()
        #expect(isReadable(waker))
    }

    @Test func `no wake between looking and waiting is lost`() {
        let waker = Waker()
        let rounds = 20_000
        let inward = Mailbox<Int>()
        let poster = WorkerThread("test-poster") {
            for number in 0..<rounds {
                inward.post(number)
                waker.wake()
            }
        }
        var taken = 0
        while taken < rounds, isReadable(waker, milliseconds: 10_000) {
            waker.clear()
            taken += inward.takeAll(until: .now).count
        }
        poster.join()
        #expect(taken == rounds)
    }
}
