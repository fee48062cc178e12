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

        func dueWork(for requests: [(destination: DestinationID, limit: Int)], held: [EventID]) throws(StoreError)
            -> [WorkItem]
        { throw .unavailable("away") }

        func stillWaiting(_ items: [(event: EventID, attemptsFinished: Int)]) throws(StoreError) -> Set<EventID> {
            throw .unavailable("away")
        }
    }

    @Test func `every question has its answer while the store is away`() {
        let answers = Mailbox<DueReader.Answer>()
        let reader = DueReader(makeStore: { Away() }, answer: { answers.post($0) })
        let id = makeEvent().item.destinationID
        // One batch: they are there before the thread is.
        reader.mailbox.post(contentsOf: [.check([makeEvent()]), .read([(id, 5)], held: []), .check([makeEvent(2)])])
        let thread = reader.start()
        var answered = 0
        let deadline = ContinuousClock.now + .seconds(10)
        while answered < 3, ContinuousClock.now < deadline { answered += answers.takeAll(until: deadline).count }
        #expect(answered == 3)
        reader.stop()
        thread.join()
    }
}
