import Domain
import Ports
import Synchronization
import Telemetry
import Threading

/// An outcome to be written, and what is released once it is.
struct SettleOrder: Sendable {
    var settlement: Settlement
    var receipt: Receipt?
}

/// Writes outcomes in batches and acknowledges the messages that come with them after the commit, never before.
///
/// While the store is away it keeps what it has and tries again; nothing is released, so the prefetch and the held
/// events bound what can pile up.
final class Settler: Sendable {
    enum Message: Sendable {
        case settle(SettleOrder)
        /// A breaker's state as of the latest conclusion; later ones replace earlier ones of the same batch.
        case breaker(BreakerRecord)
        case acknowledge([Receipt])
        case processing([EventID])
    }

    /// Acknowledgements wait this long for company: each is a wake-up of a queue in the broker, and nothing waits for
    /// them. A message that comes again meanwhile is checked against its row.
    static let acknowledgementDelay = Duration.milliseconds(20)
    static let acknowledgementBatch = 256

    let mailbox = Mailbox<Message>()
    /// Posted to by `stop`, so that waiting for the store to come back ends early.
    private let alarm = Mailbox<Void>()
    /// When the store was asked to take what is in hand; nil: it has answered.
    private let askedAt = Mutex<ContinuousClock.Instant?>(nil)
    private let makeStore: @Sendable () -> any SettlementStore
    private let acknowledge: @Sendable ([Receipt]) -> Void
    private let settled: @Sendable ([Settlement]) -> Void
    private let batchLimit: Int
    private let linger: LingerPolicy
    private let log = Log("settler")
    private let batchSizes = Metrics.shared.histogram(
        "hooksentry_settle_batch_events", help: "Outcomes written in one commit.",
        buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])

    init(
        limits: Limits, makeStore: @escaping @Sendable () -> any SettlementStore,
        acknowledge: @escaping @Sendable ([Receipt]) -> Void, settled: @escaping @Sendable ([Settlement]) -> Void
    ) {
        batchLimit = limits.settleBatch
        linger = LingerPolicy(longest: limits.settleLinger, enough: limits.settleLingerEvents, companyMin: 8)
        self.makeStore = makeStore
        self.acknowledge = acknowledge
        self.settled = settled
    }

    func start() -> WorkerThread { WorkerThread("settler") { self.run() } }

    /// What is posted is still written if the store answers; if it does not, the rows become due again.
    func stop() {
        mailbox.close()
        alarm.close()
    }

    /// Whether outcomes have waited for the store longer than this. A worker that cannot write outcomes down would go
    /// on delivering what others deliver again once its leases have run out. So it starts nothing new meanwhile: what
    /// can arrive twice is then what was sent within that while, and not all that a lease allows.
    func hasWaited(longerThan patience: Duration) -> Bool {
        askedAt.withLock { asked in asked.map { .now - $0 > patience } ?? false }
    }

    private func run() {
        let store = makeStore()
        var receipts: [Receipt] = []
        var acknowledgeBy: ContinuousClock.Instant?
        var rate = ArrivalRate()
        var lastTaken = ContinuousClock.now
        while true {
            var messages = mailbox.take(upTo: batchLimit, until: acknowledgeBy)
            let now = ContinuousClock.now
            rate.arrived(messages.count, in: now - lastTaken)
            lastTaken = now
            let pause = messages.isEmpty ? .zero : linger.linger(waiting: messages.count, rate: rate.perSecond)
            if pause > .zero {
                _ = alarm.takeAll(until: now + pause)
                let more = mailbox.take(upTo: max(1, batchLimit - messages.count), until: .now)
                messages += more
                lastTaken = .now
                rate.arrived(more.count, in: lastTaken - now)
            }
            if messages.isEmpty && receipts.isEmpty { return }
            askedAt.withLock { $0 = messages.isEmpty ? nil : .now }
            receipts += process(messages, store)
            askedAt.withLock { $0 = nil }
            guard !receipts.isEmpty else { continue }
            let deadline = acknowledgeBy ?? .now + Self.acknowledgementDelay
            if messages.isEmpty || receipts.count >= Self.acknowledgementBatch || .now >= deadline {
                acknowledge(receipts)
                receipts.removeAll(keepingCapacity: true)
                acknowledgeBy = nil
            } else {
                acknowledgeBy = deadline
            }
        }
    }

    /// Returns the receipts of messages that are no longer needed.
    private func process(_ messages: [Message], _ store: any SettlementStore) -> [Receipt] {
        var orders: [SettleOrder] = []
        var breakers: [DestinationID: BreakerRecord] = [:]
        var receipts: [Receipt] = []
        var processing: [EventID] = []
        for message in messages {
            switch message {
            case .settle(let order): orders.append(order)
            case .breaker(let record): breakers[record.destinationID] = record
            case .acknowledge(let some): receipts += some
            case .processing(let events): processing += events
            }
        }
        // An event is processing only until its outcome is here.
        if !processing.isEmpty {
            let finished = Set(orders.map(\.settlement.eventID))
            try? store.markProcessing(processing.filter { !finished.contains($0) })
        }
        if !orders.isEmpty || !breakers.isEmpty {
            guard write(orders, Array(breakers.values), store) else { return [] }
        }
        if !orders.isEmpty { settled(orders.map(\.settlement)) }
        return receipts + orders.compactMap(\.receipt)
    }

    /// False if the store stayed away until the end: nothing is released then, and the rows become due again.
    private func write(_ orders: [SettleOrder], _ breakers: [BreakerRecord], _ store: any SettlementStore) -> Bool {
        switch ask(store, orders.map(\.settlement), breakers) {
        case .written:
            batchSizes.observe(Double(orders.count))
            return true
        case .refused(let sentence):
            log.error("a batch of outcomes was refused; writing them singly", ["reason": sentence])
            return writeSingly(orders, breakers, store)
        case .away:
            return false
        }
    }

    /// The store refused a batch: one of its rows must be at fault. The others must not suffer for it.
    private func writeSingly(
        _ orders: [SettleOrder], _ breakers: [BreakerRecord], _ store: any SettlementStore
    ) -> Bool {
        for record in breakers {
            switch ask(store, [], [record]) {
            case .written: break
            case .refused(let sentence):
                log.error(
                    "a breaker cannot be written", ["destination": "\(record.destinationID)", "reason": sentence])
            case .away: return false
            }
        }
        for order in orders {
            switch ask(store, [order.settlement], []) {
            case .written: break
            case .refused(let sentence):
                log.error(
                    "an outcome cannot be written; the event will be attempted again",
                    ["event": "\(order.settlement.eventID)", "reason": sentence])
            case .away: return false
            }
        }
        return true
    }

    private enum Reply {
        case written
        case refused(String)
        /// It stayed away until this thread was told to end.
        case away
    }

    /// Asks until the store has an answer.
    private func ask(_ store: any SettlementStore, _ batch: [Settlement], _ breakers: [BreakerRecord]) -> Reply {
        var backoff = Duration.milliseconds(50)
        var saidSo = false
        while true {
            do throws(StoreError) {
                _ = try store.settle(batch, breakers: breakers)
                if saidSo { log.info("the store is back; outcomes are written again") }
                return .written
            } catch {
                guard case .unavailable(let reason) = error else { return .refused(error.sentence) }
                if !saidSo { log.warning("outcomes wait for the store", ["reason": reason]) }
                saidSo = true
                if mailbox.isClosed { return .away }
                _ = alarm.takeAll(until: .now + backoff)
                backoff = min(backoff * 2, .seconds(1))
            }
        }
    }
}
