import Testing

@testable import Threading

@Suite struct MailboxTests {
    @Test func `messages come out once and in order`() {
        let mailbox = Mailbox<Int>()
        mailbox.post(1)
        mailbox.post(contentsOf: [2, 3])
        #expect(mailbox.count == 3)
        #expect(mailbox.takeAll() == [1, 2, 3])
        #expect(mailbox.takeAll(until: .now) == [])
    }

    @Test func `a limited take leaves the rest in front`() {
        let mailbox = Mailbox<Int>()
        mailbox.post(contentsOf: 1...5)
        #expect(mailbox.take(upTo: 2) == [1, 2])
        mailbox.post(6)
        #expect(mailbox.take(upTo: 10) == [3, 4, 5, 6])
    }

    @Test func `nothing comes by the deadline`() {
        let mailbox = Mailbox<Int>()
        let elapsed = ContinuousClock().measure { #expect(mailbox.takeAll(until: .now + .milliseconds(30)) == []) }
        #expect(elapsed >= .milliseconds(29))
        #expect(mailbox.takeAll(until: .now - .seconds(5)) == [])
    }

    @Test func `a waiting reader is woken by a message and by closing`() {
        let inward = Mailbox<Int>()
        let outward = Mailbox<[Int]>()
        let reader = WorkerThread("test-reader") {
            while case let batch = inward.takeAll(), !batch.isEmpty { outward.post(batch) }
            outward.close()
        }
        for number in 0..<100 {
            inward.post(number)
            #expect(outward.takeAll(until: .now + .seconds(10)) == [[number]])
        }
        inward.close()
        #expect(outward.takeAll(until: .now + .seconds(10)) == [])
        #expect(outward.isClosed)
        reader.join()
    }

    @Test func `what was posted before closing can be taken, what comes after is dropped`() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.post(1))
        mailbox.close()
        #expect(!mailbox.post(2))
        #expect(!mailbox.post(contentsOf: [3]))
        #expect(mailbox.takeAll() == [1])
        #expect(mailbox.takeAll() == [])
    }

    @Test func `many writers lose nothing and keep their own order`() {
        let mailbox = Mailbox<Int>()
        let writers = (0..<4).map { writer in
            WorkerThread("test-writer-\(writer)") {
                for number in 0..<5_000 { mailbox.post(writer * 10_000 + number) }
            }
        }
        var taken: [Int] = []
        let deadline = ContinuousClock.now + .seconds(20)
        while taken.count < 20_000, ContinuousClock.now < deadline { taken += mailbox.takeAll(until: deadline) }
        for writer in writers { writer.join() }
        for writer in 0..<4 {
            #expect(taken.filter { $0 / 10_000 == writer } == (0..<5_000).map { writer * 10_000 + $0 })
        }
    }
}
