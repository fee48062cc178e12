import Domain
import Ports
import Telemetry
import Threading

/// Finds work that waits in the store, and checks old messages against their rows.
///
/// A look for destinations with newly due events is cheap and frequent; it goes back a little behind the last one, for
/// rows that were committed late. A look at everything due of a shard is what finds the rest: at once for a shard that
/// is new here, later in rounds. It costs as much as there are destinations, so it takes one shard at a time, lets
/// questions through between two, and rests in proportion.
final class DueReader: Sendable {
    enum Message: Sendable {
        case owned(Set<Shard>)
        case check([HeldEvent], askedAt: Timestamp)
        case read(DueRead)
    }

    enum Answer: Sendable {
        /// ofAll: found by a look at everything, also at what waited for its destination to be open.
        case destinations([DestinationID], ofAll: Bool)
        /// `waiting`: those of the checked events that still wait for their attempt. Nil: the store is away.
        case checked([HeldEvent], waiting: Set<EventID>?, askedAt: Timestamp)
        /// items: nil when the store is away.
        case read(DueRead, items: [WorkItem]?)
    }

    static let scanInterval = Duration.milliseconds(250)
    /// Between two rounds of full looks, at least; and at least so many times as long as the last round took.
    static let roundInterval = Duration.seconds(15)
    static let restFactor = 20
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
        /// Of those, the ones that were another's until now.
        var new: Set<Shard> = []
        var since: Timestamp?
        var next = ContinuousClock.Instant.now
        /// What is left of this round of full looks.
        var unlooked: [Shard] = []
        var spentOnRound = Duration.zero
        var nextRound = ContinuousClock.Instant.now
    }

    private func run() {
        let store = makeStore()
        var scan = Scan()
        var isAway = false
        while true {
            let messages = mailbox.takeAll(until: scan.unlooked.isEmpty || isAway ? scan.next : .now)
            if messages.isEmpty && mailbox.isClosed { return }
            do throws(StoreError) {
                try handleAll(messages, store, &scan)
                let isTime = ContinuousClock.now >= scan.next
                // First, because a full look may take as long as the store lets it.
                if isTime { try look(store, &scan) }
                if scan.unlooked.isEmpty, ContinuousClock.now >= scan.nextRound { scan.unlooked = inOrder(scan.owned) }
                if isTime || !isAway, let shard = scan.unlooked.first { try lookFully(at: shard, store, &scan) }
                if isAway { log.info("the store is back; waiting work is handed over again") }
                isAway = false
            } catch {
                if !isAway { log.warning("waiting work cannot be read", ["reason": error.sentence]) }
                isAway = true
                scan.next = .now + .milliseconds(500)
                scan.nextRound = scan.next
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
            // Those that are new here are looked at first.
            let new = shards.subtracting(scan.owned)
            let old = scan.unlooked.filter { shards.contains($0) && !new.contains($0) }
            scan.unlooked = inOrder(new) + old
            scan.owned = shards
            scan.new = scan.new.union(new).intersection(shards)
        case .check(let events, let askedAt):
            do throws(StoreError) {
                let asked = events.map { (event: $0.item.eventID, attemptsFinished: $0.item.attemptsFinished) }
                answer(.checked(events, waiting: try store.stillWaiting(asked), askedAt: askedAt))
            } catch {
                answer(.checked(events, waiting: nil, askedAt: askedAt))
                throw error
            }
        case .read(let read):
            do throws(StoreError) {
                answer(.read(read, items: try store.dueWork(read)))
            } catch {
                answer(.read(read, items: nil))
                throw error
            }
        }
    }

    private func inOrder(_ shards: Set<Shard>) -> [Shard] { shards.sorted { $0.number < $1.number } }

    /// What became due lately. Before the first full look there is no telling what that means.
    private func look(_ store: any DueStore, _ scan: inout Scan) throws(StoreError) {
        scan.next = .now + Self.scanInterval
        guard !scan.owned.isEmpty, let since = scan.since else { return }
        let found = try store.destinationsWithDueWork(in: scan.owned, since: since)
        scan.since = found.now - Self.overlap
        if !found.destinations.isEmpty { answer(.destinations(found.destinations, ofAll: false)) }
    }

    private func lookFully(at shard: Shard, _ store: any DueStore, _ scan: inout Scan) throws(StoreError) {
        let began = ContinuousClock.now
        var found: [DestinationID] = []
        let now: Timestamp
        var isLooked = false
        do throws(StoreError) {
            (found, now) = try store.destinationsWithDueWork(in: [shard], since: nil)
            scan.spentOnRound += .now - began
            isLooked = true
        } catch {
            // Whoever answers this is not away: the shard is too much for him, and the others are not.
            now = try store.destinationsWithDueWork(in: [], since: nil).now
            log.warning(
                "what waits in a shard cannot be looked at; the next round tries again",
                ["shard": "\(shard.number)", "reason": error.sentence])
        }
        if scan.since == nil { scan.since = now - Self.overlap }
        scan.unlooked.removeFirst()
        if scan.unlooked.isEmpty {
            // What could not be looked at in a shard that is new here has waited for long already.
            let rest = scan.new.isEmpty ? scan.spentOnRound * Self.restFactor : .zero
            scan.nextRound = .now + max(Self.roundInterval, rest)
            scan.spentOnRound = .zero
        }
        if !found.isEmpty { answer(.destinations(found, ofAll: true)) }
        // After the work itself: what is shown of events that a dead worker had is not worth waiting for.
        guard isLooked, scan.new.contains(shard) else { return }
        do throws(StoreError) {
            try store.endProcessing(in: shard)
            scan.new.remove(shard)
        } catch {
            log.warning("events of a worker before are still shown as Processing", ["reason": error.sentence])
        }
    }
}
