import Domain
import Ports
import Telemetry
import Threading

/// Holds the shards' leases: says "alive" several times within the lease time, takes its fair share, and gives back
/// what is above it once the dispatcher has drained it.
final class LeaseKeeper: Sendable {
    enum Message: Sendable {
        /// The dispatcher has nothing of these shards in its hands any more.
        case drained(Set<Shard>)
    }

    /// What the dispatcher may rely on until then, by the local monotonic clock: a node that cannot reach the database
    /// stops by itself before others may take over.
    struct Ownership: Sendable {
        var held: Set<Shard>
        /// Of the held ones: to be drained, because others have less.
        var surplus: Set<Shard>
        var validUntil: ContinuousClock.Instant
    }

    let mailbox = Mailbox<Message>()
    private let node: NodeID
    private let lease: Duration
    private let clock: DatabaseClock
    private let makeStore: @Sendable () -> any LeaseStore
    private let changed: @Sendable (Ownership) -> Void
    private let log = Log("lease")

    init(
        node: NodeID, lease: Duration, clock: DatabaseClock, makeStore: @escaping @Sendable () -> any LeaseStore,
        changed: @escaping @Sendable (Ownership) -> Void
    ) {
        self.node = node
        self.lease = lease
        self.clock = clock
        self.makeStore = makeStore
        self.changed = changed
    }

    func start() -> WorkerThread { WorkerThread("lease") { self.run() } }
    func stop() { mailbox.close() }

    private func run() {
        let store = makeStore()
        var releasing: Set<Shard> = []
        var held: Set<Shard> = []
        var isAway = false
        var next = ContinuousClock.Instant.now
        while true {
            for case .drained(let shards) in mailbox.takeAll(until: next) {
                releasing.formUnion(shards)
                next = .now
            }
            if mailbox.isClosed { break }
            guard ContinuousClock.now >= next else { continue }
            let asked = ContinuousClock.now
            do throws(StoreError) {
                let answer = try store.renew(node, releasing: releasing, lease: lease)
                clock.adjust(toDatabase: answer.now, roundTrip: .now - asked)
                releasing = []
                report(answer, asked: asked, before: held)
                held = answer.held
                if isAway { log.info("the store is back; leases are renewed again") }
                isAway = false
                next = .now + lease / 5
            } catch {
                if !isAway { log.warning("leases cannot be renewed", ["reason": error.sentence]) }
                isAway = true
                next = .now + .milliseconds(250)
            }
        }
        try? store.leave(node)
    }

    private func report(_ answer: LeaseAnswer, asked: ContinuousClock.Instant, before: Set<Shard>) {
        let excess = max(0, answer.held.count - answer.fairShare)
        let surplus = Set(answer.held.sorted().suffix(excess))
        if answer.held != before {
            log.info(
                "shards owned: \(answer.held.count)",
                [
                    "gained": "\(answer.held.subtracting(before).count)",
                    "lost": "\(before.subtracting(answer.held).count)",
                ])
        }
        // Counted from before the question, and with a margin, so that ours ends before the database's does.
        changed(Ownership(held: answer.held, surplus: surplus, validUntil: asked + lease - lease / 10))
    }
}
