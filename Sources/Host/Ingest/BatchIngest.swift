import Domain
import HTTPServer
import Ports
import Synchronization
import Threading

/// Takes batches apart on a thread of its own: reading a thousand payloads and mapping them would keep a server's
/// thread from its other connections for too long.
final class BatchIngest: Sendable {
    struct Order: Sendable {
        let request: HTTPRequest
        let target: IngestTarget
        let contentType: String
        let reply: IngestReply
    }

    /// Batches that may wait to be taken apart; their bodies are in memory.
    static let waitingMax = 16

    private let orders = Mailbox<Order>()
    private let waiting = Atomic<Int>(0)
    private let batcher: AcceptBatcher
    private let mappings: SenderMappings
    private let limits: Limits
    private let thread = Mutex<WorkerThread?>(nil)

    init(batcher: AcceptBatcher, mappings: SenderMappings, limits: Limits) {
        self.batcher = batcher
        self.mappings = mappings
        self.limits = limits
    }

    func start() {
        thread.withLock { $0 = WorkerThread("ingest-batch") { self.run() } }
    }

    func stop() {
        orders.close()
        thread.withLock { thread in
            defer { thread = nil }
            return thread
        }?.join()
    }

    /// Nil: the batch will be answered. Otherwise it is not taken, and this is the answer.
    func submit(_ order: Order) -> IngestAnswer? {
        guard waiting.add(1, ordering: .relaxed).newValue <= Self.waitingMax else {
            waiting.subtract(1, ordering: .relaxed)
            return .overloaded
        }
        return orders.post(order) ? nil : .unavailable
    }

    private func run() {
        while case let arrived = orders.takeAll(), !arrived.isEmpty {
            for order in arrived {
                take(order)
                waiting.subtract(1, ordering: .relaxed)
            }
        }
    }

    private func take(_ order: Order) {
        let body: BatchBody
        do throws(BatchBody.Complaint) {
            body = try BatchBody(order.request.body, limits: limits)
        } catch {
            return order.reply.answer(error.answer)
        }
        let batch = BatchReply(order.reply, count: body.items.count)
        var events: [PendingEvent] = []
        events.reserveCapacity(body.items.count)
        var bytes = 0
        let deadline = ContinuousClock.now + limits.batchMapping
        for (index, item) in body.items.enumerated() {
            switch item {
            case .failure(let complaint): batch.answer(complaint.answer, at: index)
            case .success(let item):
                guard let event = event(item, order, .part(batch, index: index)) else {
                    return order.reply.answer(.unavailable)
                }
                events.append(event)
                guard order.target.mapping == nil || .now < deadline else {
                    return order.reply.answer(
                        .tooLong("The sender's mapping took too long for the batch; post fewer events at a time."))
                }
                // A sender's mapping may make more of an event than was posted.
                bytes += event.payload.count
                guard bytes <= limits.acceptQueueBytes else {
                    return order.reply.answer(
                        .tooLong("The batch, mapped, has more than \(limits.acceptQueueBytes) bytes."))
                }
            }
        }
        guard !events.isEmpty, let refusal = batcher.submit(events) else { return }
        for event in events { event.reply.answer(refusal) }
    }

    /// Nil while the plugin of the sender's mapping is not there.
    private func event(_ item: BatchBody.Item, _ order: Order, _ reply: EventReply) -> PendingEvent? {
        var event = PendingEvent(
            reply: reply, target: order.target, payload: Array(order.request.body[item.payload]),
            contentType: order.contentType, traceparent: IngestRules.traceparent(of: order.request),
            idempotencyKey: item.idempotencyKey)
        return mappings.map(&event) ? event : nil
    }
}
