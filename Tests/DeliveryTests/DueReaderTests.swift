import Domain
import Ports
import Synchronization
import Testing
import Threading

@testable import Delivery

@Suite struct DueReaderTests {
    /// A store that is away.
    private struct Away: DueStore {
        func destinationsWithDueWork(in shards: Set<Shard>, since: Timestamp?) throws(StoreError)
            -> (destinations: [DestinationID], now: Timestamp)
        { throw .unavailable("away") }

        func endProcessing(in shard: Shard) throws(StoreError) { throw .unavailable("away") }

        func dueWork(_ read: DueRead) throws(StoreError) -> [WorkItem] { throw .unavailable("away") }

        func stillWaiting(_ items: [(event: EventID, attemptsFinished: Int)]) throws(StoreError) -> Set<EventID> {
            throw .unavailable("away")
        }
    }

    @Test func `every question has its answer while the store is away`() {
        let answers = Mailbox<DueReader.Answer>()
        let reader = DueReader(makeStore: { Away() }, answer: { answers.post($0) })
        let request = DueRead.Request(destination: makeEvent().item.destinationID, events: 5, waitedForOpening: true)
        let read = DueRead(requests: [request], bytes: 100, bytesPerEvent: 0, held: [], askedAt: noon)
        // One batch: they are there before the thread is.
        reader.mailbox.post(contentsOf: [
            .check([makeEvent()], askedAt: noon), .read(read), .check([makeEvent(2)], askedAt: noon),
        ])
        let thread = reader.start()
        var answered = 0
        let deadline = ContinuousClock.now + .seconds(10)
        while answered < 3, ContinuousClock.now < deadline { answered += answers.takeAll(until: deadline).count }
        #expect(answered == 3)
        reader.stop()
        thread.join()
    }

    /// A store that notes what it is asked. Nothing is due.
    private struct Noting: DueStore {
        enum Question: Equatable {
            case everything(Set<Shard>)
            case lately(Set<Shard>)
            case check
            case endProcessing(Shard)
        }

        let asked: Mailbox<Question>
        /// Looking at all of it takes longer than the store allows.
        var tooMuch: Shard?

        func destinationsWithDueWork(in shards: Set<Shard>, since: Timestamp?) throws(StoreError)
            -> (destinations: [DestinationID], now: Timestamp)
        {
            asked.post(since == nil ? .everything(shards) : .lately(shards))
            if let tooMuch, since == nil, shards == [tooMuch] { throw .unavailable("statement timeout (57014)") }
            return ([], Timestamp(microseconds: 0))
        }

        func endProcessing(in shard: Shard) throws(StoreError) { asked.post(.endProcessing(shard)) }

        func dueWork(_ read: DueRead) throws(StoreError) -> [WorkItem] { [] }

        func stillWaiting(_ items: [(event: EventID, attemptsFinished: Int)]) throws(StoreError) -> Set<EventID> {
            asked.post(.check)
            return []
        }
    }

    @Test func `a shard that is too much for the store keeps no other from being looked at`() {
        let asked = Mailbox<Noting.Question>()
        let reader = DueReader(makeStore: { Noting(asked: asked, tooMuch: Shard(1)) }, answer: { _ in })
        reader.mailbox.post(.owned([Shard(1), Shard(2)]))
        let thread = reader.start()
        let deadline = ContinuousClock.now + .seconds(10)
        var seen: [Noting.Question] = []
        while !seen.contains(.lately([Shard(1), Shard(2)])), ContinuousClock.now < deadline {
            seen += asked.takeAll(until: deadline)
        }
        let full = seen.filter { if case .everything = $0 { true } else { false } }
        #expect(full == [.everything([Shard(1)]), .everything([]), .everything([Shard(2)])])
        #expect(seen.contains(.lately([Shard(1), Shard(2)])))
        reader.stop()
        thread.join()
    }

    @Test func `a new shard is looked at fully, by itself, before what became due lately`() {
        let asked = Mailbox<Noting.Question>()
        let reader = DueReader(makeStore: { Noting(asked: asked) }, answer: { _ in })
        let thread = reader.start()
        func questions(_ count: Int) -> [Noting.Question] {
            let deadline = ContinuousClock.now + .seconds(10)
            var seen: [Noting.Question] = []
            while seen.count < count, ContinuousClock.now < deadline { seen += asked.takeAll(until: deadline) }
            return seen
        }
        reader.mailbox.post(.owned([Shard(3), Shard(1)]))
        let first = questions(5).filter { $0 != .lately([Shard(1), Shard(3)]) }
        #expect(
            first == [
                .everything([Shard(1)]), .endProcessing(Shard(1)), .everything([Shard(3)]), .endProcessing(Shard(3)),
            ])
        // One more: the others had their look, and the round comes back to them in its own time.
        reader.mailbox.post(.owned([Shard(3), Shard(1), Shard(2)]))
        var next = questions(1)
        while !next.contains(.lately([Shard(1), Shard(2), Shard(3)])), !next.isEmpty { next += questions(1) }
        #expect(next.filter { if case .everything = $0 { true } else { false } } == [.everything([Shard(2)])])
        reader.stop()
        thread.join()
    }
}
