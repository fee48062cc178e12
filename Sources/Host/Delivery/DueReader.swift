import Domain
import Ports
import Telemetry
import Threading

/// Finds work that waits in the store, and checks old messages against their rows.
///
/// A look for destinations with newly due events is cheap and frequent; it goes back a little behind the last one, for
/// rows that were committed late. A look at everything due is less frequent and is what finds the rest.
final class DueReader: Sendable {
    enum Message: Sendable {
        case owned(Set<Shard>)
        case check([HeldEvent])
        case read([(destination: DestinationID, limit: Int)], held: [EventID])
    }

    enum Answer: Sendable {
        case destinations([DestinationID])
        /// `waiting`: those of the checked events that still wait for their attempt. Nil: the store is away.
        case checked([HeldEvent], waiting: Set<EventID>?)
        /// items: nil when the store is away.
        case read([(destination: DestinationID, limit: Int)], items: [WorkItem]?)
    }

    static let scanInterval = Duration.milliseconds(250)
    static let fullScanInterval = Duration.seconds(15)
    /// How far behind the last look the next one begins.
    static let overlap = Duration.seconds(3)

    let mailbox = Mailbox<Message>()
    private let makeStore: @Sendable () -> any DueStore
    private let answer: @Sendable (Answer) -> Void
    private let log = Log("due")

    init(makeStore: @escaping @Sendable () -> any DueStore, answer: @escaping @Sendable (Answer) -> Void) {
        self.makeStore = makeStore
        self.answer = answer
    }

    func start() -> WorkerThread { WorkerThread("due") { self.run() } }
    func stop() { mailbox.close() }

    private struct Scan {
        var owned: Set<Shard> = []
        var since: Timestamp?
        var next = ContinuousClock.Instant.now
        var nextFull = ContinuousClock.Instant.now
    }

    private func run() {
        let store = makeStore()
        var scan = Scan()
        var isAway = false
        while true {
            let messages = mailbox.takeAll(until: scan.next)
            if messages.isEmpty && mailbox.isClosed { return }
            do throws(StoreError) {
                try handleAll(messages, store, &scan)
                if ContinuousClock.now >= scan.next { try look(store, &scan) }
                if isAway { log.info("the store is back; waiting work is handed over again") }
                isAway = false
            } catch {
                if !isAway { log.warning("waiting work cannot be read", ["reason": error.sentence]) }
                isAway = true
                scan.since = nil
                scan.next = .now + .milliseconds(500)
            }
        }
    }

    /// Every message gets its answer, also when the store fails at one before it: who waits for an answer would wait
    /// for ever.
    private func handleAll(_ messages: [Message], _ store: any DueStore, _ scan: inout Scan) throws(StoreError) {
        var failure: StoreError?
        for message in messages {
            do throws(StoreError) {
                try handle(message, store, &scan)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    private func handle(_ message: Message, _ store: any DueStore, _ scan: inout Scan) throws(StoreError) {
        switch message {
        case .owned(let shards):
            // For a shard that is new here, everything due counts.
            if !shards.subtracting(scan.owned).isEmpty {
                scan.since = nil
                scan.next = .now
            }
            scan.owned = shards
        case .check(let events):
            do throws(StoreError) {
                let asked = events.map { (event: $0.item.eventID, attemptsFinished: $0.item.attemptsFinished) }
                answer(.checked(events, waiting: try store.stillWaiting(asked)))
            } catch {
                answer(.checked(events, waiting: nil))
                throw error
            }
        case .read(let requests, let held):
            do throws(StoreError) {
                answer(.read(requests, items: try store.dueWork(for: requests, held: held)))
            } catch {
                answer(.read(requests, items: nil))
                throw error
            }
        }
    }

    private func look(_ store: any DueStore, _ scan: inout Scan) throws(StoreError) {
        scan.next = .now + Self.scanInterval
        guard !scan.owned.isEmpty else { return }
        if ContinuousClock.now >= scan.nextFull { scan.since = nil }
        let isFull = scan.since == nil
        let found = try store.destinationsWithDueWork(in: scan.owned, since: scan.since)
        scan.since = found.now - Self.overlap
        if isFull { scan.nextFull = .now + Self.fullScanInterval }
        if !found.destinations.isEmpty { answer(.destinations(found.destinations)) }
    }
}
